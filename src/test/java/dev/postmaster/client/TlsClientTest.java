package dev.postmaster.client;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.support.Life;
import dev.postmaster.web.WebOptions;
import dev.postmaster.web.WebServer;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both clients over TLS, with a token for reading too. */
class TlsClientTest {

  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  @TempDir Path directory;

  private WebOptions.Tls pem() throws Exception {
    Path store = directory.resolve("keys.p12");
    Process made =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    "a",
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=here",
                    "-ext",
                    "san=ip:127.0.0.1",
                    "-storetype",
                    "PKCS12",
                    "-storepass",
                    "changeit",
                    "-keystore",
                    store.toString()))
            .inheritIO()
            .start();
    assertTrue(made.waitFor(60, TimeUnit.SECONDS) && made.exitValue() == 0);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(store)) {
      keys.load(in, "changeit".toCharArray());
    }
    return new WebOptions.Tls(
        written("CERTIFICATE", keys.getCertificate("a").getEncoded()),
        written("PRIVATE KEY", keys.getKey("a", "changeit".toCharArray()).getEncoded()));
  }

  private Path written(String what, byte[] der) throws Exception {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Path file = directory.resolve(what + ".pem");
    return Files.writeString(
        file, "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
  }

  @Test
  void whoTrustsTheCertificateAndHasTheTokenGetsThrough() throws Exception {
    WebOptions.Tls tls = pem();
    try (Life life = Life.started()) {
      WebOptions web =
          new WebOptions().setPort(0).setTls(tls).setToken(TOKEN).setRequireTokenForRead(true);
      int port = get(WebServer.start(life.vertx, life.postmaster, web)).port();
      PemTrustOptions trust = new PemTrustOptions().addCertPath(tls.certificate().toString());
      FeedClientOptions options =
          Followed.options(port).setSsl(true).setTrust(trust).setToken(TOKEN);

      new Followed(life.vertx, options).started().assertShows(life.postmaster);
      assertEquals(
          life.postmaster.epoch(),
          get(PostmasterClient.create(life.vertx, options).status()).epoch());

      ClientOptions stranger = new ClientOptions().setPort(port).setSsl(true).setToken(TOKEN);
      assertThrows(
          SSLHandshakeException.class,
          () -> get(PostmasterClient.create(life.vertx, stranger).status()));
      Followed unknown = new Followed(life.vertx, options.setToken("")).started();
      assertThrows(dev.postmaster.PostmasterException.class, () -> get(unknown.client.ended()));
    }
  }
}
