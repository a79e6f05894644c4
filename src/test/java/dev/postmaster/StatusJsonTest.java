package dev.postmaster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.WorkerStatus.LastEnd;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The objects in which all interfaces speak of workers. */
class StatusJsonTest {

  private static final String EPOCH = "01JDA3K5ZV7Q0000000000000A";
  private static final Handle HANDLE = new Handle(EPOCH, 3, 17);

  private static WorkerStatus worker(WorkerState state, long restartMs, LastEnd last) {
    return new WorkerStatus(
        8_130,
        HANDLE,
        "mailer-1",
        "mailer",
        "examples",
        "mailer",
        state,
        true,
        HandleStatus.STARTED,
        8_124,
        "requires:db",
        Cause.CRASH_CYCLE,
        41,
        true,
        42,
        "main",
        "crew",
        Set.of(Flag.DATABASE_CONNECTION, Flag.SHARED_MEMORY),
        StartTime.CONSISTENT_STATE,
        Threading.WORKER,
        true,
        restartMs,
        true,
        43,
        44,
        45,
        46,
        0,
        5,
        4,
        List.of(1, 2, 3, 4, 5, 6, 7, 8),
        last);
  }

  private static WorkerStatus bare() {
    return new WorkerStatus(
        1,
        HANDLE,
        "w",
        "w",
        "",
        "",
        WorkerState.REGISTERED,
        false,
        HandleStatus.NOT_YET_STARTED,
        0,
        "",
        null,
        0,
        false,
        0,
        "main",
        "",
        Set.of(),
        StartTime.RECOVERY_FINISHED,
        Threading.WORKER,
        false,
        -1,
        false,
        43,
        0,
        43,
        0,
        -1,
        0,
        0,
        List.of(0, 0, 0, 0, 0, 0, 0, 0),
        null);
  }

  @Test
  void aWorkerHasEveryFieldInTheOrderOfTheProtocol() {
    LastEnd last = new LastEnd(Exit.CRASHED, 2, "out of memory", Cause.EXIT, 8_000, 50, 49, 3);

    String json = StatusJson.worker(worker(WorkerState.STOPPING, 5_000, last)).encode();

    assertEquals(
        "{'seq':8130,'slot':3,'generation':17,'handle':'01JDA3K5ZV7Q0000000000000A.3.17',"
            + "'name':'mailer-1','type':'mailer','library':'examples','function':'mailer',"
            + "'state':'STOPPING','ready':true,'status':'STARTED','runId':8124,"
            + "'waiting':'requires:db','reason':'crash-cycle','deadlineAt':41,'paused':true,"
            + "'pausedUntil':42,'domain':'main','group':'crew',"
            + "'flags':['SHARED_MEMORY','DATABASE_CONNECTION'],'start':'CONSISTENT_STATE',"
            + "'threading':'WORKER','restart':'5s','terminate':true,'registeredAt':43,"
            + "'startedAt':44,'stateSince':45,'restartAt':46,'restartInMs':0,'starts':5,"
            + "'failures':4,'exits':{'COMPLETED':1,'FAILED':2,'CRASHED':3,'START_FAILED':4,"
            + "'START_TIMEOUT':5,'WATCHDOG':6,'TERMINATED':7,'KILLED':8},"
            + "'last':{'exit':'CRASHED','code':2,'message':'out of memory','cause':'exit',"
            + "'runId':8000,'at':50,'firstAt':49,'times':3}}",
        json.replace('"', '\''));
  }

  @Test
  void whatIsUnknownOfAWorkerIsNull() {
    JsonObject json = StatusJson.worker(bare());

    List<String> unknown =
        json.stream().filter(e -> e.getValue() == null).map(Map.Entry::getKey).toList();
    assertEquals(
        List.of(
            "library",
            "function",
            "runId",
            "waiting",
            "reason",
            "deadlineAt",
            "pausedUntil",
            "group",
            "startedAt",
            "restartAt",
            "restartInMs",
            "last"),
        unknown);
    assertEquals("never", json.getString("restart"));
  }

  @Test
  void theReasonOfAStopIsToldOnlyWhileItLasts() {
    assertEquals(
        "crash-cycle",
        StatusJson.worker(worker(WorkerState.ABANDONED, 0, null)).getString("reason"));
    assertEquals(null, StatusJson.worker(worker(WorkerState.BACKOFF, 0, null)).getString("reason"));
  }

  @Test
  void aLastEndWithoutCodeAndMessageHasNulls() {
    LastEnd last = new LastEnd(Exit.KILLED, Transition.NO_CODE, "", Cause.TERMINATE, 9, 50, 50, 1);

    JsonObject json =
        StatusJson.worker(worker(WorkerState.BACKOFF, 250, last)).getJsonObject("last");

    assertEquals(null, json.getValue("code"));
    assertEquals(null, json.getValue("message"));
    assertEquals("KILLED", json.getString("exit"));
  }

  private static Transition edge(
      boolean cut, long restartAt, long restartInMs, Exit exit, int code) {
    return new Transition(
        8_124,
        1_790_000_125_003L,
        3,
        17,
        8_124,
        "mailer-1",
        "mailer",
        cut,
        WorkerState.RUNNING,
        WorkerState.BACKOFF,
        Cause.EXIT,
        false,
        true,
        5,
        restartAt,
        restartInMs,
        exit,
        code,
        exit == Exit.NONE ? "" : "boom",
        By.WORKER);
  }

  @Test
  void aTransitionHasEveryFieldInTheOrderOfTheProtocol() {
    assertEquals(
        "{'t':'transition','seq':8124,'at':1790000125003,'slot':3,'generation':17,'runId':8124,"
            + "'name':'mailer-1','type':'mailer','from':'RUNNING','to':'BACKOFF','cause':'exit',"
            + "'ready':false,'terminate':true,'starts':5,'restartAt':77,'restartInMs':0,"
            + "'exit':'FAILED','code':1,'message':'boom','by':'worker'}",
        StatusJson.transition(edge(false, 77, 0, Exit.FAILED, 1)).encode().replace('"', '\''));
  }

  @Test
  void whatIsUnknownOfATransitionIsNull() {
    JsonObject json = StatusJson.transition(edge(false, 0, -1, Exit.NONE, Transition.NO_CODE));

    for (String field : List.of("restartAt", "restartInMs", "exit", "code", "message")) {
      assertTrue(json.containsKey(field), field);
      assertEquals(null, json.getValue(field), field);
    }
    assertFalse(json.containsKey("cut"));
  }

  @Test
  void aShortenedNameIsMarked() {
    assertTrue(
        StatusJson.transition(edge(true, 0, -1, Exit.NONE, Transition.NO_CODE)).getBoolean("cut"));
  }

  @Test
  void aRecordOfThePostmastersOwnHasNoWorker() {
    Transition own =
        new Transition(
            9,
            1,
            -1,
            0,
            0,
            "",
            "",
            false,
            ShutdownMode.NONE,
            ShutdownMode.FAST,
            Cause.SHUTDOWN_BEGIN,
            false,
            false,
            0,
            0,
            -1,
            Exit.NONE,
            Transition.NO_CODE,
            "asked",
            By.ADMIN);

    JsonObject json = StatusJson.transition(own);

    assertEquals(-1, json.getInteger("slot"));
    for (String field : List.of("generation", "runId", "name", "type")) {
      assertEquals(null, json.getValue(field), field);
    }
    assertEquals("none", json.getString("from"));
    assertEquals("fast", json.getString("to"));
    assertEquals("shutdown-begin", json.getString("cause"));
    assertEquals("asked", json.getString("message"));
  }

  @Test
  void ofARegistrationThatNobodyKnowsAnyMoreOnlyTheHandleIsTold() {
    JsonObject json = StatusJson.worker(WorkerStatus.gone(HANDLE));

    Map<String, Object> told = new LinkedHashMap<>();
    json.stream()
        .filter(e -> e.getValue() != null && e.getValue() != Boolean.FALSE)
        .forEach(e -> told.put(e.getKey(), e.getValue()));
    assertEquals(
        Map.of(
            "slot",
            3,
            "generation",
            17L,
            "handle",
            HANDLE.toString(),
            "state",
            "FREE",
            "status",
            "STOPPED"),
        told);
  }
}
