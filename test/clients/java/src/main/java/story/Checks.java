package story;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;

/** Checks that print their line, waits with a deadline, and the control of whoever runs the story. */
final class Checks {
  interface Body {
    void run() throws Exception;
  }

  private static final String control = System.getenv("KUBEDOUBLE_CONTROL");
  static boolean haveFailed = false;

  static void check(String sentence, Body body) {
    try {
      body.run();
      System.out.println("ok " + sentence);
    } catch (Throwable problem) {
      haveFailed = true;
      System.out.println("not ok " + sentence + ": " + problem);
      problem.printStackTrace(System.out);
    }
  }

  /** A check that needs the server to be restarted: left out where nobody can do that. */
  static void checkWithControl(String sentence, Body body) {
    if (control == null) System.out.println("left out without KUBEDOUBLE_CONTROL: " + sentence);
    else check(sentence, body);
  }

  static void restart(String query) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(control + "/restart" + query)).timeout(Duration.ofSeconds(60))
        .POST(HttpRequest.BodyPublishers.noBody()).build();
    HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    equal(200, answer.statusCode());
  }

  static void equal(Object expected, Object actual) {
    if (!Objects.equals(expected, actual)) throw new AssertionError("expected " + expected + ", not " + actual);
  }

  /** Looks again and again until it holds. */
  static void until(String what, Callable<Boolean> look) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!look.call()) {
      if (System.nanoTime() > deadline) throw new AssertionError(what + ": not within 60 s");
      Thread.sleep(50);
    }
  }

  private Checks() {}
}
