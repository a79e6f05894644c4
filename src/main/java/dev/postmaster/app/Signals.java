package dev.postmaster.app;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Signals of the operating system. A shutdown hook never learns of a second signal, so they are
 * handled with {@code sun.misc.Signal}; by reflection, because the compiler's warning about it
 * cannot be switched off.
 */
final class Signals {

  private Signals() {}

  /** Calls the handler on each such signal; false where the platform does not let us. */
  static boolean on(String name, Runnable handler) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> signalHandler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler invocation =
          (proxy, method, arguments) -> {
            if (method.getName().equals("handle")) {
              handler.run();
              return null;
            }
            return method.getName().equals("equals")
                ? (Object) (proxy == arguments[0])
                : method.getName().equals("hashCode") ? (Object) 1 : name;
          };
      Object proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(), new Class<?>[] {signalHandler}, invocation);
      signal
          .getMethod("handle", signal, signalHandler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
      return true;
    } catch (ReflectiveOperationException | IllegalArgumentException unsupported) {
      return false;
    }
  }
}
