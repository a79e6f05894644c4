package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.support.Life;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTPS, a certificate that is renewed while the server runs, and binds beyond the loopback. */
class TlsTest {

  @TempDir Path directory;

  /** Trusts everybody: it is looked at what comes, not whether it is right. */
  private static final TrustManager ANY =
      new X509TrustManager() {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
          return new X509Certificate[0];
        }
      };

  private WebOptions.Tls pem(String name) throws Exception {
    Path store = directory.resolve(name + ".p12");
    Process made =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "a",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                store.toString())
            .inheritIO()
            .start();
    assertTrue(made.waitFor(60, TimeUnit.SECONDS) && made.exitValue() == 0);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(store)) {
      keys.load(in, "changeit".toCharArray());
    }
    Path certificate = directory.resolve("certificate.pem");
    Path key = directory.resolve("key.pem");
    Files.writeString(certificate, armoured("CERTIFICATE", keys.getCertificate("a").getEncoded()));
    Files.writeString(
        key, armoured("PRIVATE KEY", keys.getKey("a", "changeit".toCharArray()).getEncoded()));
    return new WebOptions.Tls(certificate, key);
  }

  private static String armoured(String what, byte[] der) {
    return "-----BEGIN "
        + what
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END "
        + what
        + "-----\n";
  }

  private static X509Certificate shown(int port, String... protocols) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {ANY}, null);
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
      if (protocols.length > 0) {
        socket.setEnabledProtocols(protocols);
      }
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  @Test
  void onlyTls12And13AreSpoken() throws Exception {
    try (Web web = Web.started(new WebOptions().setTls(pem("one")).setToken(Web.TOKEN))) {
      assertEquals(
          "CN=one", shown(web.server.port(), "TLSv1.3").getSubjectX500Principal().getName());
      assertEquals(
          "CN=one", shown(web.server.port(), "TLSv1.2").getSubjectX500Principal().getName());
      assertThrows(SSLHandshakeException.class, () -> shown(web.server.port(), "TLSv1.1"));
    }
  }

  @Test
  void weakSuitesAreNotSpoken() throws Exception {
    try (Web web = Web.started(new WebOptions().setTls(pem("one")).setToken(Web.TOKEN))) {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {ANY}, null);
      for (String suite :
          List.of(
              "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
              "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
              "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384")) {
        try (SSLSocket socket =
            (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", web.server.port())) {
          socket.setEnabledProtocols(new String[] {"TLSv1.2"});
          socket.setEnabledCipherSuites(new String[] {suite});
          assertThrows(javax.net.ssl.SSLException.class, socket::startHandshake, suite);
        }
      }
    }
  }

  @Test
  void aRenewedCertificateIsShownToNewConnections() throws Exception {
    WebOptions options =
        new WebOptions().setTls(pem("one")).setToken(Web.TOKEN).setCertificateLookMs(20);
    try (Web web = Web.started(options)) {
      Path key = options.tls().orElseThrow().key();
      Files.writeString(key, "nonsense");
      Files.setLastModifiedTime(key, FileTime.fromMillis(1));
      assertEquals("CN=one", shown(web.server.port()).getSubjectX500Principal().getName());

      pem("two");

      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      String name = "CN=one";
      while (name.equals("CN=one") && System.nanoTime() < end) {
        name = shown(web.server.port()).getSubjectX500Principal().getName();
      }
      assertEquals("CN=two", name);
    }
  }

  @Test
  void aSessionsCookieIsSecureThen() throws Exception {
    try (Web web = Web.started(new WebOptions().setTls(pem("one")).setToken(Web.TOKEN))) {
      var client =
          io.vertx.ext.web.client.WebClient.create(
              web.life.vertx,
              new io.vertx.ext.web.client.WebClientOptions()
                  .setSsl(true)
                  .setTrustAll(true)
                  .setVerifyHost(false));
      var in =
          get(
              client
                  .request(HttpMethod.POST, web.server.port(), "127.0.0.1", "/api/v1/session")
                  .sendJsonObject(new JsonObject().put("token", Web.TOKEN)));
      assertTrue(in.getHeader("Set-Cookie").contains("Secure"), in.getHeader("Set-Cookie"));
    }
  }

  private static Optional<InetAddress> beyondTheLoopback() throws Exception {
    return NetworkInterface.networkInterfaces()
        .filter(network -> !isLoopback(network))
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> address instanceof java.net.Inet4Address)
        .findFirst();
  }

  private static boolean isLoopback(NetworkInterface network) {
    try {
      return network.isLoopback();
    } catch (java.net.SocketException gone) {
      return true;
    }
  }

  @Test
  void beyondTheLoopbackNothingStartsWithoutTlsAndAToken() throws Exception {
    try (Life life = Life.started()) {
      for (WebOptions options :
          List.of(
              new WebOptions(),
              new WebOptions().setToken(Web.TOKEN),
              new WebOptions().setTls(pem("one")))) {
        for (String host :
            List.of("0.0.0.0", "::", "10.0.0.1", "example.org", "127.0.0.1.example")) {
          var refused =
              assertThrows(
                  IllegalArgumentException.class,
                  () -> get(WebServer.bind(life.vertx, options.setHost(host).setPort(0))));
          assertTrue(refused.getMessage().contains("need TLS and a token"), refused.getMessage());
        }
      }
    }
  }

  @Test
  void byDefaultNobodyElsewhereIsAnswered() throws Exception {
    InetAddress address = beyondTheLoopback().orElseGet(InetAddress::getLoopbackAddress);
    org.junit.jupiter.api.Assertions.assertFalse(
        address.isLoopbackAddress(), "this machine has no address beyond the loopback");
    try (Web web = Web.started(new WebOptions())) {
      assertThrows(
          java.net.ConnectException.class,
          () -> new java.net.Socket(address, web.server.port()).close());
    }
  }

  @Test
  void beyondTheLoopbackReadingNeedsTheToken() throws Exception {
    assertFalse(new WebOptions().setHost("0.0.0.0").isReadingOpen());
    assertTrue(new WebOptions().isReadingOpen());
    assertNotEquals(
        new WebOptions().isReadingOpen(),
        new WebOptions().setRequireTokenForRead(true).isReadingOpen());
  }
}
