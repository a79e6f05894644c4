package dev.postmaster.core;

import java.util.Arrays;

/**
 * Alarms by time, equal ones by kind and tie: a binary heap in which each alarm knows its place, so
 * that taking one out costs no search.
 */
final class AlarmHeap {

  private Alarm[] alarms = new Alarm[16];
  private int size;

  /** The earliest, or null. */
  Alarm first() {
    return size == 0 ? null : alarms[0];
  }

  int size() {
    return size;
  }

  /** Arms the alarm here, wherever it was before. */
  void put(Alarm alarm, long at, long tie) {
    alarm.cancel();
    alarm.at = at;
    alarm.tie = tie;
    alarm.heap = this;
    if (size == alarms.length) {
      alarms = Arrays.copyOf(alarms, size * 2);
    }
    up(size++, alarm);
  }

  void remove(Alarm alarm) {
    int hole = alarm.position;
    alarm.heap = null;
    alarm.position = -1;
    Alarm last = alarms[--size];
    alarms[size] = null;
    if (last != alarm) {
      down(hole, last);
      if (last.position == hole) {
        up(hole, last);
      }
    }
  }

  private void up(int from, Alarm alarm) {
    int place = from;
    while (place > 0) {
      int parent = (place - 1) >>> 1;
      if (!alarm.isBefore(alarms[parent])) {
        break;
      }
      set(place, alarms[parent]);
      place = parent;
    }
    set(place, alarm);
  }

  private void down(int from, Alarm alarm) {
    int place = from;
    for (int child = 2 * place + 1; child < size; child = 2 * place + 1) {
      if (child + 1 < size && alarms[child + 1].isBefore(alarms[child])) {
        child++;
      }
      if (!alarms[child].isBefore(alarm)) {
        break;
      }
      set(place, alarms[child]);
      place = child;
    }
    set(place, alarm);
  }

  private void set(int place, Alarm alarm) {
    alarms[place] = alarm;
    alarm.position = place;
  }
}
