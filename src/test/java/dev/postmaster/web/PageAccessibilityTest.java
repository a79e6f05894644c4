package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Flag;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Life;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The page for whoever sees it otherwise: in two themes, without colours, large, narrow, calm, and
 * by a screen reader. Its pictures are taken here.
 */
class PageAccessibilityTest extends InBrowser {

  private static final Duration LONG = Duration.ofMinutes(1);

  private static final int NARROW = 390;

  /** What is wider than the window, if the page can be scrolled sideways. */
  private static final String WIDE =
      """
      const root = document.documentElement;
      return root.scrollWidth <= root.clientWidth ? [] : $$('#page *').filter(e =>
        e.getBoundingClientRect().right > root.clientWidth + 1 &&
        !e.closest('.scroll, pre, dialog'))
        .map(e => e.tagName + '.' + e.className);
      """;

  /** Boxes with text of their own that lie over each other, or out of their tile or fact. */
  private static final String CLASHES =
      """
      const boxes = q => $$(q).filter(e => e.checkVisibility())
        .map(e => [e, e.getBoundingClientRect()]).filter(([, b]) => b.width > 0);
      const clashes = [];
      const groups = ['.top > *', '.right > *', '.strip > div', '.toolbar > *', '.tile', 'main > *',
        '.left > *', 'aside > *', 'footer > *', '.detail dl > div', 'dialog[open] form > *'];
      for (const group of groups) {
        const all = boxes(group);
        all.forEach(([e, a], i) => all.slice(i + 1).forEach(([f, b]) => {
          const over = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
            Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
          if (over && !e.contains(f) && !f.contains(e)) {
            clashes.push(`${e.outerHTML.slice(0, 60)} / ${f.outerHTML.slice(0, 60)}`);
          }
        }));
      }
      $$('button, .badge, .fact, dt, dd, h1, h2').filter(e => e.checkVisibility() &&
        !e.closest('.tile, table') && e.scrollWidth > e.clientWidth + 1 &&
        getComputedStyle(e).overflowX !== 'visible')
        .forEach(e => clashes.push(`cut: ${e.outerHTML.slice(0, 90)}`));
      return clashes;
      """;

  private PageSite site;
  private Puppet holder;
  private Puppet mailer;

  @BeforeEach
  void scene() throws Exception {
    site =
        new PageSite(
            Life.options().addLibrary(new dev.postmaster.examples.Examples()).setMaxWorkers(16));
    for (String name : List.of("http-gw", "scheduler")) {
      site.idle(name);
    }
    holder = new Puppet();
    site.run(holder.spec("memory-holder").flags(Flag.SHARED_MEMORY));
    site.run(WorkerSpec.of("memory-friend", () -> Web::idle).flags(Flag.SHARED_MEMORY));
    WorkerHandle before = site.idle("indexer-1");
    Life.get(before.terminate());
    Life.get(before.awaitGone());
    site.idle("indexer-2");
    mailer = new Puppet();
    site.run(mailer.spec("mailer-1").type("mailer").restartAfter(LONG));
    CountDownLatch never = new CountDownLatch(1);
    Life.get(
        site.life.postmaster.register(
            WorkerSpec.of(
                    "slow-start",
                    () ->
                        context -> {
                          never.await();
                        })
                .ready(dev.postmaster.Readiness.SAID)
                .startTimeout(LONG)));
    holder.crash("beats were torn");
    mailer.fail("connection refused: mail.example:25");
    site.life.watch.await(t -> t.name().equals("memory-friend") && t.starts() == 2 && t.ready());
  }

  @AfterEach
  void end() {
    page.media(Map.of());
    page.cdp("Emulation.setScrollbarsHidden", Map.of("hidden", false));
    site.close();
  }

  private void open(String query) {
    page.open(site.url() + query);
    page.until("document.title.startsWith('▲2')");
    page.untilRecord(site.head());
  }

  private void assertTidy(String where) {
    assertEquals(List.of(), page.run(WIDE), where);
    assertEquals(List.of(), page.run(CLASHES), where);
  }

  private void look(String name) throws Exception {
    page.run("document.activeElement.blur();");
    assertTidy(name);
    page.portray(name);
  }

  @Test
  void axeFindsNothingInEitherTheme() throws Exception {
    open("");
    page.unlock();
    for (String theme : List.of("light", "dark")) {
      page.theme(theme);
      page.assertAccessible(theme + " tiles");
      if (theme.equals("light")) {
        // Rows that are alike need not be looked at a dozen times.
        page.element("#journal-filter").sendKeys("cause:exit");
      }
      page.click("[data-view=table]");
      page.until("$('table.workers')");
      page.assertAccessible(theme + " table");
      page.click(".workers [data-state=BACKOFF] button.name");
      page.click("[data-view=lanes]");
      page.until("$('swim-lanes') && $('.detail')");
      page.click(".view details summary");
      page.assertAccessible(theme + " lanes, detail");
      page.click("[data-view=tiles]");
      page.button("Terminate…");
      page.until("$('#dialog').open");
      page.assertAccessible(theme + " terminate");
      page.escape();
      page.until("!$('#dialog').open");
      page.click("#register");
      page.until("$('select[name=point]')");
      page.assertAccessible(theme + " register");
      page.escape();
      page.until("!$('#dialog').open");
      page.button("?");
      page.until("$('#dialog').open");
      page.assertAccessible(theme + " help");
      page.escape();
      page.until("!$('#dialog').open");
      page.run("$('[aria-label=\"Close the detail\"]').click();");
    }
    page.button("Lock");
    page.untilText(".right", "viewer");
    for (String theme : List.of("dark", "light")) {
      page.theme(theme);
      page.button("Unlock");
      page.until("$('#dialog').open");
      page.assertAccessible(theme + " unlock");
      page.escape();
      page.until("!$('#dialog').open");
    }
    page.theme("dark");
    site.stop();
    page.until("$('.outage') && document.getAnimations().length === 0");
    page.assertAccessible("dark outage");
    page.theme("light");
    page.assertAccessible("light outage");
  }

  @Test
  void coloursHaveTheirContrastInBothThemes() {
    open("");
    for (String theme : List.of("light", "dark")) {
      page.theme(theme);
      Object low =
          page.run(
              """
              const canvas = document.createElement('canvas');
              const g = canvas.getContext('2d', {willReadFrequently: true});
              const style = getComputedStyle(document.documentElement);
              const luminance = name => {
                g.fillStyle = style.getPropertyValue(name).trim();
                g.fillRect(0, 0, 1, 1);
                const [r, gr, b] = [...g.getImageData(0, 0, 1, 1).data].map(v => v / 255)
                  .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * gr + 0.0722 * b;
              };
              const contrast = (x, y) => {
                const [a, b] = [luminance(x), luminance(y)].sort((p, q) => q - p);
                return (a + 0.05) / (b + 0.05);
              };
              const states = ['registered', 'starting', 'running', 'stopping', 'backoff', 'parked',
                'abandoned'].map(s => '--' + s);
              const wanted = [];
              for (const ground of ['--panel', '--sunk', '--page']) {
                for (const text of ['--text', '--dim', '--link', ...states]) {
                  wanted.push([text, ground, 4.5]);
                }
                wanted.push(['--edge', ground, 3]);
              }
              for (const ground of ['--note', '--alarm']) {
                ['--text', '--link'].forEach(text => wanted.push([text, ground, 4.5]));
                wanted.push(['--edge', ground, 3]);
              }
              wanted.push(['--on', '--link', 4.5], ['--panel', '--text', 4.5]);
              return wanted.filter(([x, y, least]) => contrast(x, y) < least)
                .map(([x, y, least]) => `${x} on ${y} ${contrast(x, y).toFixed(2)} < ${least}`);
              """);
      assertEquals(List.of(), low, theme);
    }
  }

  @Test
  void calmAndWithoutColoursItSaysTheSame() throws Exception {
    page.media(Map.of("prefers-reduced-motion", "reduce"));
    open("");
    page.run(
        """
        window.counted = [];
        new MutationObserver(() => counted.push(text('count-down')))
          .observe($('count-down'), {childList: true, characterData: true, subtree: true});
        """);
    site.stop();
    page.until("$('.outage')");
    assertEquals(0L, page.run("return document.getAnimations().length;"));
    page.until("counted.length >= 2");
    Object steps =
        page.run(
            """
            const left = counted.map(t => Number(t.match(/in ([0-9.]+) s/)[1]));
            return left.slice(1).map((s, i) => left[i] - s).every(step => step > 0.5);
            """);
    assertEquals(true, steps, () -> "it moves more often: " + page.run("return counted;"));
    page.shoot("reduced-motion");
    site.startAgain();

    page.media(Map.of("forced-colors", "active"));
    open("?slot=6");
    assertTrue((Boolean) page.run("return matchMedia('(forced-colors: active)').matches;"));
    Object colours =
        page.run(
            """
            const probe = document.createElement('i');
            document.body.append(probe);
            const system = name => (probe.style.color = name, getComputedStyle(probe).color);
            const of = (q, what) => getComputedStyle($(q))[what];
            return [
              of('.tile[data-bad=false] .state', 'color') === system('CanvasText'),
              of('body', 'backgroundColor') === system('Canvas'),
              of('.tile[data-state=RUNNING]', 'borderLeftStyle'),
              text('.tile[data-state=BACKOFF] .state'),
              of('[data-view=tiles]', 'backgroundColor') === system('Highlight'),
              of('[data-view=tiles]', 'color') === system('HighlightText'),
              of('.tile[aria-pressed=true]', 'outlineStyle'),
            ];
            """);
    assertEquals(List.of(true, true, "solid", "▲ BACKOFF", true, true, "solid"), colours);
    page.assertAccessible("forced colours");
    page.shoot("forced-colors");
  }

  @Test
  void nothingIsCutWhereThereIsLittleRoom() throws Exception {
    open("");
    page.unlock();
    for (int[] size : List.of(new int[] {320, 640, 1}, new int[] {640, 450, 2})) {
      page.size(size[0], size[1], size[2]);
      for (String view : List.of("tiles", "table", "lanes")) {
        page.run("$(`[data-view=${a[0]}]`).click();", view);
        page.until(
            "$('.tile, table.workers, swim-lanes canvas')"
                + " && $(`[data-view=${a[0]}]`).ariaPressed === 'true'",
            view);
        assertTidy(size[0] + " " + view);
      }
      page.run("$('.records button').click();");
      page.until("$('.detail')");
      assertTidy(size[0] + " detail");
      page.run("$('#register').click();");
      page.until("$('select[name=point]')");
      assertTidy(size[0] + " register");
      assertEquals(
          true, page.run("const d = $('#dialog'); return d.scrollWidth <= d.clientWidth;"));
      page.escape();
      page.until("!$('#dialog').open");
      page.run("$('[aria-label=\"Close the detail\"]').click();");
    }
    site.stop();
    page.until("$('.outage')");
    page.size(320, 640, 1);
    assertTidy("320 outage");
  }

  @Test
  void itsPicturesAreTidy() throws Exception {
    page.cdp("Emulation.setScrollbarsHidden", Map.of("hidden", true));
    open("");
    page.unlock();
    page.theme("light");
    look("light");
    page.theme("dark");
    look("dark");
    page.theme("light");
    page.click("[data-view=table]");
    page.until("$('table.workers')");
    look("table");
    page.run("history.replaceState(null, '', '?');");
    page.click("[data-view=tiles]");
    page.click(".tile[data-state=BACKOFF]");
    page.untilText("#detail-title", "mailer-1");
    page.until("$('.tile[data-state=BACKOFF] count-down').textContent.includes('▓')");
    look("countdown");
    page.click("#register");
    page.until("$('select[name=point]')");
    page.choose("point", "examples / ingest");
    page.until("$('[name=\"arg:path\"]')");
    look("register");
    page.escape();
    page.until("!$('#dialog').open");
    page.run("$('[aria-label=\"Close the detail\"]').click();");
    page.size(NARROW, 844, 2);
    look("narrow");
    page.size(WIDTH, HEIGHT, 1);
    site.stop();
    page.until("$('.outage') && document.getAnimations().length === 0");
    look("outage");
    site.startAgain();
    page.go(site.url() + "?demo&speed=100");
    page.untilText("#link", "recording ended");
    page.until("/^[4-9][0-9]\\.. s/.test(text('.tile[data-slot=\"6\"] time-since'))");
    look("recorded");
    page.choose("sort", "by slot");
    page.click(".tile[data-slot='3']");
    page.click("[data-view=lanes]");
    page.until("$('swim-lanes')");
    page.press("+");
    page.run("$('#grid').focus();");
    page.press(org.openqa.selenium.Keys.ARROW_LEFT);
    page.untilText("#readout", "slot 3 RUNNING for");
    page.until("/^[5-9][0-9]\\.. s/.test(text('.detail time-since'))");
    look("crash-cycle");
  }
}
