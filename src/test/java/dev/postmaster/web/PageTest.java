package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.support.Life;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The page as a browser takes it: what it loads, what it may not do, what it says of itself. */
@InBrowser.Network
class PageTest extends InBrowser {

  private static final int REQUESTS_MAX = 25;

  @Test
  void itLoadsWithoutAWordInTheConsoleAndAsksNobodyElse() throws Exception {
    try (PageSite site = new PageSite()) {
      site.idle("worker");
      page.console();
      page.requests();

      page.open(site.url());
      page.untilTile("worker", "RUNNING");
      page.until("document.readyState === 'complete'");

      List<String> requests =
          page.requests().stream().filter(u -> u.startsWith("http") || u.startsWith("ws")).toList();
      assertEquals(List.of(), page.console());
      String host = site.url().substring("http://".length());
      List<String> paths =
          requests.stream().map(u -> u.replaceFirst("^(http|ws)://" + host, "")).toList();
      assertTrue(paths.stream().noneMatch(path -> path.contains("://")), paths::toString);
      List<String> files =
          paths.stream().filter(p -> p.isEmpty() || p.startsWith("assets/")).toList();
      assertTrue(files.size() > 15 && files.size() < REQUESTS_MAX, files::toString);
      assertEquals(1, paths.stream().filter(p -> p.equals("feed")).count(), paths::toString);
      assertTrue(
          paths.stream().allMatch(p -> files.contains(p) || p.matches("feed|api/v1/(status|tr.*)")),
          paths::toString);
    }
  }

  @Test
  void nothingThatIsPutIntoItRuns() throws Exception {
    try (PageSite site = new PageSite()) {
      page.open(site.url());
      page.run(
          """
              const said = window.said = [];
              addEventListener('securitypolicyviolation', e => said.push(e.effectiveDirective));
              const attempt = (what, run) => {
                try { run(); } catch (e) { said.push(`${what} ${e.name}`); }
              };
              window.ran = [];
              attempt('innerHTML', () => document.body.innerHTML = '<p>');
              attempt('parser', () => new DOMParser().parseFromString('<p>', 'text/html'));
              attempt('policy', () => trustedTypes.createPolicy('evil', {createHTML: s => s}));
              const script = document.createElement('script');
              attempt('script', () => script.textContent = 'ran.push(1)');
              script.append(document.createTextNode('ran.push(2)'));
              document.body.append(script);
              attempt('source', () => script.src = 'http://127.0.0.1:1/');
              attempt('handler', () => document.body.setAttribute('onclick', 'ran.push(3)'));
              document.body.click();
              await new Promise(done => setTimeout(() => {
                attempt('eval', () => eval('ran.push(4)'));
                attempt('Function', () => new Function('ran.push(5)')());
                attempt('timer', () => setTimeout('ran.push(6)'));
                done();
              }));
              const image = new Image();
              const loads = new Promise(done => image.onload = image.onerror = e => done(e.type));
              image.src = 'http://127.0.0.1:1/';
              said.push('image ' + await loads);
              await fetch('http://127.0.0.1:1/').catch(e => said.push(`fetch ${e.name}`));

              """);
      page.until("said.includes('connect-src')");
      List<?> list = (List<?>) page.run("return window.said;");

      assertEquals(List.of(), page.run("return window.ran;"));
      for (String refused :
          List.of(
              "innerHTML TypeError",
              "parser TypeError",
              "policy TypeError",
              "script TypeError",
              "source TypeError",
              "handler TypeError",
              "eval EvalError",
              "Function EvalError",
              "timer TypeError",
              "image error",
              "fetch TypeError",
              "require-trusted-types-for",
              "img-src")) {
        assertTrue(list.contains(refused), () -> refused + " is not in " + list);
      }
    }
  }

  @Test
  void titleAndIconSayTheWorst() throws Exception {
    try (PageSite site = new PageSite()) {
      Puppet puppet = new Puppet();
      site.idle("well");
      page.open(site.url());
      page.until("document.title === '● · default'");
      page.until("decodeURIComponent($('link[rel=icon]').href).includes('>●<')");

      site.run(puppet.spec("ill").restartAfter(Duration.ofHours(1)));
      puppet.fail("it fell");
      page.until("document.title === '▲1 · default'");
      page.until("decodeURIComponent($('link[rel=icon]').href).includes('>▲<')");

      site.stop();
      page.until("document.title === '◌ · default'");
      page.until("decodeURIComponent($('link[rel=icon]').href).includes('>◌<')");
    }
  }

  @Test
  void aThemeIsRememberedAndABadOneIsNot() throws Exception {
    try (PageSite site = new PageSite()) {
      page.open(site.url());
      String light = page.run("return getComputedStyle(document.body).backgroundColor;").toString();
      page.theme("dark");
      page.until("getComputedStyle(document.body).backgroundColor !== a[0]", light);

      page.open(site.url());
      assertEquals("dark", page.run("return document.documentElement.dataset.theme;"));
      assertEquals("dark", page.run("return $('.theme select').value;"));

      page.run("localStorage.setItem('postmaster.theme', '\"><script>');");
      page.open(site.url());
      assertEquals(light, page.run("return getComputedStyle(document.body).backgroundColor;"));
      assertEquals("system", page.run("return $('.theme select').value;"));
    }
  }

  @Test
  void filtersSayWhatTheyDoNotUnderstand() throws Exception {
    try (PageSite site = new PageSite()) {
      page.open(site.url());
      Object found =
          page.run(
              """
              const m = await import(new URL('assets/query.js', document.baseURI));
              const worker = {slot: 3, generation: 17, name: 'Mail-1', type: 'mail', failures: 1,
                state: 'RUNNING', ready: false, paused: false,
                last: {exit: 'FAILED', message: 'no'}};
              const matches = q => m.matchesWorker(m.parse(q, m.WORKER_KEYS), worker);
              return {
                yes: ['', 'mail', 'name:mail*', 'name:*1', 'name:m*l*1', 'NAME:MAIL-1',
                  '!state:backoff',
                  'state:backoff,running', 'slot:3 gen:17', 'is:unhealthy', 'exit:failed', '"no"',
                  'm*1', '!name:m', '!is:paused'].filter(q => !matches(q)),
                no: ['name:mail', '!mail', 'slot:4', 'state:backoff', 'mail other', 'name:*2',
                  'name:mail-1*1', 'is:paused', '!slot:3'].filter(matches),
                faults: ['stat:x', 'state:runing', 'is:odd', 'state:']
                  .map(q => m.parse(q, m.WORKER_KEYS).faults.length),
                glob: [m.glob('a*a', 'a'), m.glob('a*a', 'aa'), m.glob('*', ''), m.glob('**', 'x'),
                  m.glob('.*', 'x'), m.glob('a*b*c', 'axxbyyc'), m.glob('x', null)],
                long: m.glob('*a'.repeat(20000) + 'b', 'a'.repeat(40000)),
              };
              """);
      Map<?, ?> map = (Map<?, ?>) found;

      assertEquals(List.of(), map.get("yes"));
      assertEquals(List.of(), map.get("no"));
      assertEquals(List.of(1L, 1L, 1L, 1L), map.get("faults"));
      assertEquals(List.of(false, true, true, true, false, true, false), map.get("glob"));
      assertEquals(false, map.get("long"));
    }
  }

  @Test
  void textIsShownWithAllOfItsCharacters() throws Exception {
    try (PageSite site = new PageSite()) {
      page.open(site.url());
      Object found =
          page.run(
              """
              const {inert, duration, ending} =
                await import(new URL('assets/format.js', document.baseURI));
              return [
                inert(null), inert('plain – äöü 漢字 😀'),
                inert('a\\u202eb\\u200bc\\ud800d\\n\\u001b[31m\\u0000'),
                inert('\\u2066\\u00ad\\ufeff\\u2028\\u3164'), ending(null),
                ending({exit: 'COMPLETED', code: 0}),
                ending({exit: 'FAILED', code: 1, message: 'x\\u0007'}),
                [null, -5, 0, 999.6, 1000, 59999, 60000, 3599999, 3600000, 86399999, 86400000, 1e9]
                  .map(duration).join('|'),
              ];
              """);

      assertEquals(
          List.of(
              "–",
              "plain – äöü 漢字 😀",
              "a\\u202eb\\u200bc\\ud800d\\u000a\\u001b[31m\\u0000",
              "\\u2066\\u00ad\\ufeff\\u2028\\u3164",
              "",
              "COMPLETED",
              "FAILED 1: x\\u0007",
              "–|0 ms|0 ms|1000 ms|1.0 s|59.9 s|1 min 00 s|59 min 59 s|1 h 00 min|23 h 59 min"
                  + "|1 d 00 h|11 d 13 h"),
          ((List<?>) found).stream().map(o -> o == null ? "" : o).toList());
    }
  }

  @Test
  void whatIsKeptOfThePastHasABound() throws Exception {
    try (PageSite site = new PageSite()) {
      page.open(site.url());
      Object found =
          page.run(
              """
              const {History} = await import(new URL('assets/history.js', document.baseURI));
              const history = new History();
              for (let seq = 1; seq <= 20000; seq++) {
                history.add({seq, at: 1e12 + seq * 500, slot: seq % 7, generation: seq,
                  from: 'RUNNING', to: seq % 2 ? 'BACKOFF' : 'STARTING', cause: 'exit',
                  starts: 2, name: 'w',
                  exit: seq % 2 ? 'FAILED' : null, code: 1, message: `m${seq}`});
              }
              for (let n = 0; n < 500; n++) history.gap({from: 1, to: 2, reason: 'overrun'}, 1e12);
              const lanes = [...history.lanes.values()].map(lane => lane.length);
              return {
                records: history.records.length <= 2200, gap: history.records.at(-1).gap,
                lanes: Math.max(...lanes), reasons: history.reasons(null).length,
                blind: history.blind.length,
                seconds: history.rates(1e12 + 1e7, 900).map(row => row.length),
              };
              """);

      assertEquals(
          Map.of(
              "records",
              true,
              "gap",
              true,
              "lanes",
              64L,
              "reasons",
              1_000L,
              "blind",
              50L,
              "seconds",
              List.of(900L, 900L, 900L, 900L)),
          found);
    }
  }

  @Test
  void thereIsAWayOnWhereNobodyWorks() throws Exception {
    try (PageSite site = new PageSite()) {
      page.open(site.url());

      page.untilText(".view .empty", "No workers yet");
      page.untilText(".view .empty pre", "WorkerSpec.of");
      page.portray("empty");
      Life.get(site.idle("first").awaitStarted());
      page.untilTile("first", "RUNNING");
    }
  }
}
