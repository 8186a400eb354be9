#include "triage/frames.h"

#include <gtest/gtest.h>

namespace baton::triage {
namespace {

// "form: PATH:12:5 function | PATH:3 ... = message", a trace a line.
std::string told(std::string_view text) {
  std::string all;
  for (const Trace& trace : find_traces(text)) {
    all += trace.form + ":";
    for (size_t i = 0; i < trace.places.size(); i++) {
      const Place& place = trace.places[i];
      all += (i ? " | " : " ") + place.path + ":" + std::to_string(place.line);
      if (place.column) all += ":" + std::to_string(place.column);
      if (!place.function.empty()) all += " " + place.function;
    }
    if (!trace.message.empty()) all += " = " + trace.message;
    all += "\n";
  }
  return all;
}

TEST(Frames, PythonNearestFirst) {
  EXPECT_EQ(told("Traceback (most recent call last):\n"
                 "  File \"/srv/app/main.py\", line 12, in <module>\n"
                 "    run(\"x.py:3\")\n"
                 "  File \"/srv/app/lib/a b.py\", line 4, in run\n"
                 "    return 1 / 0\n"
                 "           ~~^~~\n"
                 "ZeroDivisionError: division by zero (see f.py:9)\n"
                 "\n"
                 "During handling of the above exception, another exception occurred:\n"
                 "\n"
                 "Traceback (most recent call last):\n"
                 "  File \"<string>\", line 1, in <module>\n"
                 "  File \"x.py\", line 2\n"
                 "    def\n"
                 "SyntaxError: invalid syntax\n"),
            "python: /srv/app/lib/a b.py:4 run | /srv/app/main.py:12 <module> = "
            "ZeroDivisionError: division by zero (see f.py:9)\n"
            "python: x.py:2 = SyntaxError: invalid syntax\n");
}

TEST(Frames, Pytest) {
  EXPECT_EQ(told("    def test_add():\n>       assert add(1, 2) == 4\nE       assert 3 == 4\n\n"
                 "tests/test_calc.py:7: AssertionError\n"
                 "src/calc.py:3: in add\n"
                 "FAILED tests/test_calc.py::test_add - assert 3 == 4\n"),
            "python: tests/test_calc.py:7 = AssertionError: assert 3 == 4\n"
            "python: src/calc.py:3 add\n"
            "message: tests/test_calc.py:0 test_add = assert 3 == 4\n");
}

// Each of its forms is one stack, whose last place is the nearest.
TEST(Frames, PytestStacks) {
  EXPECT_EQ(
      told("____ TestCart.test_total ____\n\n    def test_total(self):\n>       Cart().total()\n\n"
           "tests/test_calc.py:16: \n_ _ _ _ _\n\n    def total(self):\n"
           ">       return report([0])\n\ncalc.py:12: \n_ _ _ _ _\n\n"
           ">       return part / whole\nE       ZeroDivisionError: division by zero\n\n"
           "calc.py:2: ZeroDivisionError\n____ test_other ____\n"),
      "python: calc.py:2 | calc.py:12 | tests/test_calc.py:16 = "
      "ZeroDivisionError: division by zero\n");
  EXPECT_EQ(told("____ TestCart.test_total ____\ntests/test_calc.py:16: in test_total\n"
                 "    Cart().total()\ncalc.py:2: in ratio\n    return part / whole\n"
                 "E   ZeroDivisionError: division by zero\n\n"
                 "The above exception was the direct cause of the following exception:\n"
                 "tests/test_calc.py:31: in test_total\nE   ValueError: wrapped\nE   assert 0\n"
                 "==== short test summary info ====\n"),
            "python: calc.py:2 ratio | tests/test_calc.py:16 test_total = "
            "ZeroDivisionError: division by zero\n"
            "python: tests/test_calc.py:31 test_total = ValueError: wrapped\n");
  EXPECT_EQ(told("a.py:3: error: not theirs\n"), "message: a.py:3 = error: not theirs\n");
}

TEST(Frames, ExceptionGroups) {
  EXPECT_EQ(told("  + Exception Group Traceback (most recent call last):\n"
                 "  |   File \"go.py\", line 14, in <module>\n  |     go()\n"
                 "  |   File \"go.py\", line 11, in go\n  |     raise ExceptionGroup(errors)\n"
                 "  | ExceptionGroup: several (1 sub-exception)\n"
                 "  +-+---------------- 1 ----------------\n"
                 "    | Traceback (most recent call last):\n"
                 "    |   File \"go.py\", line 8, in go\n    |     ratio(0)\n"
                 "    |   File \"calc.py\", line 2, in ratio\n    |     return 1 / n\n"
                 "    | ZeroDivisionError: division by zero\n"
                 "    +------------------------------------\n"),
            "python: go.py:11 go | go.py:14 <module> = ExceptionGroup: several (1 sub-exception)\n"
            "python: calc.py:2 ratio | go.py:8 go = ZeroDivisionError: division by zero\n");
}

// What a log puts before each line takes a stack apart no more than colours do.
TEST(Frames, BehindALogsPrefix) {
  std::string_view stack[] = {"Traceback (most recent call last):",
                              "  File \"/srv/app.py\", line 12, in <module>",
                              "    run()",
                              "  File \"/srv/lib.py\", line 4, in run",
                              "    return 1 / 0",
                              "ZeroDivisionError: division by zero"};
  std::string_view prefixes[] = {"2026-11-20T10:00:00.1234567Z ",
                                 "[2026-11-20T10:00:00+01:00] ",
                                 "build\tRun tests\t2026-11-20T10:00:00.1234567Z ",
                                 "build\tRun tests\t\xEF\xBB\xBF"
                                 "2026-11-20T10:00:00Z ",
                                 "web-1  | ",
                                 "2026-11-20T10:00:00Z ##[error]",
                                 "    "};
  for (std::string_view prefix : prefixes) {
    std::string text;
    for (std::string_view line : stack) text += std::string(prefix) + std::string(line) + "\n";
    EXPECT_EQ(told(text),
              "python: /srv/lib.py:4 run | /srv/app.py:12 <module> = "
              "ZeroDivisionError: division by zero\n")
        << prefix;
  }
}

TEST(Frames, AnnotationsOfCi) {
  EXPECT_EQ(told("::error file=src/a.c,line=12,col=5,endColumn=9,title=cc::no such member\n"
                 "2026-11-20T10:00:00Z ::warning title=x,file=src/b.c,line=3::unused\n"
                 "##vso[task.logissue type=error;sourcepath=src\\c.cs;linenumber=7;"
                 "columnnumber=2]missing ;\n"
                 "::error::nothing about a file\n"
                 "::error file=src/a.c,line=x::bad\n"
                 "::notice file=src/a.c,line=3::not an error\n"),
            "message: src/a.c:12:5 = no such member\nmessage: src/b.c:3 = unused\n"
            "message: src/c.cs:7:2 = missing ;\n");
}

TEST(Frames, BracketedPlaces) {
  EXPECT_EQ(told("[ERROR] /src/Main.java:[2,5] cannot find symbol\n"
                 "e: /src/Main.kt: (12, 9): Unresolved reference: x\n"
                 "src/app.ts(3,7): error TS2304: Cannot find name\n"
                 "Object.kt: (see 3, 4)\nTotals: [1,2]\n"),
            "message: /src/Main.java:2:5 = [ERROR] /src/Main.java:[2,5] cannot find symbol\n"
            "message: /src/Main.kt:12:9 = e: /src/Main.kt: (12, 9): Unresolved reference: x\n"
            "message: src/app.ts:3:7 = src/app.ts(3,7): error TS2304: Cannot find name\n");
}

TEST(Frames, JavaScript) {
  EXPECT_EQ(told("/app/src/index.js:10\n    throw new Error('no')\n\n"
                 "Error: no\n"
                 "    at Object.<anonymous> (/app/src/index.js:10:11)\n"
                 "    at async load (file:///app/src/load.mjs:5:3)\n"
                 "    at node:internal/main/run_main_module:23:47\n"
                 "    at /app/src/other.ts:1:2\n"
                 "    at fn (webpack:///./src/w.js?a1b2:8:9)\n"),
            "message: /app/src/index.js:10 = /app/src/index.js:10\n"
            "javascript: /app/src/index.js:10:11 Object.<anonymous> | /app/src/load.mjs:5:3 "
            "async load | /app/src/other.ts:1:2 | /./src/w.js:8:9 fn = Error: no\n");
}

TEST(Frames, JavaScriptTestRunners) {
  EXPECT_EQ(told("FAIL test/cart.test.js\n  \u25cf cart \u203a sums\n\n"
                 "    expect(received).toBe(expected) // Object.is equality\n\n"
                 "    Expected: 1\n    Received: 0\n\n"
                 "    >  8 |     expect(total([])).toBe(1);\n         |     ^\n      11 |\n\n"
                 "      at Object.toBe (test/cart.test.js:8:23)\n\n"
                 "  \u25cf Test suite failed to run\n"),
            "message: test/cart.test.js:0 cart \u203a sums = \u25cf cart \u203a sums\n"
            "javascript: test/cart.test.js:8:23 Object.toBe = "
            "expect(received).toBe(expected) // Object.is equality\n");
  EXPECT_EQ(told(" FAIL  t/cart.test.ts > cart > sums\nTypeError: no value\n"
                 " \u276f src/cart.ts:2:35\n      1| function total() {\n       |   ^\n"
                 " \u276f Cart.sum src/cart.ts:7:12\n \u276f t/cart.test.ts:6:27\n\n"),
            "javascript: src/cart.ts:2:35 | src/cart.ts:7:12 Cart.sum | t/cart.test.ts:6:27 = "
            "TypeError: no value\n");
  EXPECT_EQ(
      told("not ok 1 - sums\n  ---\n  error: \"no value\"\n  stack: |-\n"
           "    /app/cart.js:2:35\n    Array.map (<anonymous>)\n"
           "    Cart.sum (/app/cart.js:7:12)\n    node:internal/harness:255:12\n"
           "    TestContext.<anonymous> (file:///app/t.mjs:6:31)\n  ...\n1..2 (x.js:3)\n"),
      "javascript: /app/cart.js:2:35 | /app/cart.js:7:12 Cart.sum | "
      "/app/t.mjs:6:31 TestContext.<anonymous> = no value\nmessage: x.js:3 = 1..2 (x.js:3)\n");
  EXPECT_EQ(told("  AssertionError [ERR_ASSERTION]: 0 == 1\n  + expected - actual\n\n  -0\n  +1\n"
                 "      at Context.<anonymous> (mocha/cart.spec.js:9:12)\n"),
            "javascript: mocha/cart.spec.js:9:12 Context.<anonymous> = "
            "AssertionError [ERR_ASSERTION]: 0 == 1\n");
}

TEST(Frames, SanitizerAndDebugger) {
  EXPECT_EQ(told("==12==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x60 at pc 0x4f\n"
                 "READ of size 4 at 0x602 thread T0\n"
                 "    #0 0x4f2a1b in sum(int const*, int) /src/sum.cc:12:15\n"
                 "    #1 0x4f2b in main /src/main.cc:5\n"
                 "    #2 0x7f (/lib/x86_64/libc.so.6+0x29d8f)\n"
                 "\n"
                 "0x602 is located 0 bytes to the right\n"
                 "allocated by thread T0 here:\n"
                 "    #0 0x49 in malloc (/src/a.out+0x49)\n"
                 "    #1 0x4f in make /src/make.cc:3:9\n"),
            "native: /src/sum.cc:12:15 sum(int const*, int) | /src/main.cc:5 main = "
            "==12==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x60 at pc 0x4f\n"
            "native: /src/make.cc:3:9 make = "
            "==12==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x60 at pc 0x4f\n");
  EXPECT_EQ(told("WARNING: ThreadSanitizer: data race (pid=7)\n  Read of size 4 by thread T2:\n"
                 "    #0 bump() /src/t.cc:7 (t+0x12)\n    #1 main /src/t.cc:11 (t+0x1f)\n\n"),
            "native: /src/t.cc:7 bump() | /src/t.cc:11 main = "
            "WARNING: ThreadSanitizer: data race (pid=7)\n");
  EXPECT_EQ(
      told("==33== Invalid write of size 1\n"
           "==33==    at 0x48478F6: strcpy (in /usr/libexec/memcheck.so)\n"
           "==33==    by 0x10918F: dup (leak.c:6)\n==33==    by 0x1091A8: main (leak.c:11)\n"
           "==33==  Address 0x4a41045 is 0 bytes after a block of size 5 alloc'd\n"
           "==33==    at 0x109178: dup (leak.c:5)\n==33== \n"),
      "native: leak.c:6 dup | leak.c:11 main = Invalid write of size 1\n"
      "native: leak.c:5 dup = Address 0x4a41045 is 0 bytes after a block of size 5 alloc'd\n");
  EXPECT_EQ(told("src/f.c:9:14: runtime error: signed integer overflow: 1 + 2\n"),
            "message: src/f.c:9:14 = runtime error: signed integer overflow: 1 + 2\n");
  EXPECT_EQ(told("#0  crash (p=0x0) at src/crash.c:4\n#1  0x0000 in main () at src/main.c:9\n"),
            "native: src/crash.c:4 crash | src/main.c:9 main\n");
}

TEST(Frames, Compilers) {
  EXPECT_EQ(told("../src/a.cc:12:5: error: expected ';' before '}' token\n"
                 "In file included from src/b.h:3,\n                 from src/b.cc:9:\n"
                 "src/d.h:1:7: error: unknown type name\n"
                 "src/app.ts(7,12): error TS2345: Argument of type\n"
                 "\x1b[1msrc/c.c:3:\x1b[0m undefined reference to `f'\n"
                 "error[E0308]: mismatched types\n"
                 "  --> src/lib.rs:4:9\n"),
            "message: ../src/a.cc:12:5 = error: expected ';' before '}' token\n"
            "message: src/d.h:1:7 | src/b.h:3 | src/b.cc:9 = error: unknown type name\n"
            "message: src/app.ts:7:12 = src/app.ts(7,12): error TS2345: Argument of type\n"
            "message: src/c.c:3 = undefined reference to `f'\n"
            "message: src/lib.rs:4:9 = error[E0308]: mismatched types\n");
  EXPECT_EQ(told("/app/src/x.js\n  12:5  error  'a' is not defined  no-undef\n"),
            "message: /app/src/x.js:12:5 = error  'a' is not defined  no-undef\n");
}

TEST(Frames, CutOffBehindAnInclude) {
  EXPECT_EQ(told("In file included from src/b.cc:9:\n"),
            "message: src/b.cc:9 = In file included from here\n");
}

TEST(Frames, RuffInGroups) {
  EXPECT_EQ(told("src/x.py:\n  1:8  F401 unused\n\n  2:1 of nothing\n"),
            "message: src/x.py:1:8 = F401 unused\n");
}

TEST(Frames, GoRustJava) {
  EXPECT_EQ(told("panic: runtime error: index out of range [5]\n\ngoroutine 1 [running]:\n"
                 "main.pick(0x5)\n\t/home/x/app/pick.go:14 +0x1d\n"
                 "main.main()\n\t/home/x/app/main.go:6 +0x20\nexit status 2\n"),
            "go: /home/x/app/pick.go:14 main.pick | /home/x/app/main.go:6 main.main = "
            "panic: runtime error: index out of range [5]\n");
  EXPECT_EQ(
      told("thread 'main' panicked at src/main.rs:4:5:\nboom\nstack backtrace:\n"
           "   0: rust_begin_unwind\n             at /rustc/1/library/std/src/panicking.rs:1:5\n"
           "   2: app::run\n             at ./src/run.rs:8:9\n"),
      "message: src/main.rs:4:5 = boom\n"
      "rust: /rustc/1/library/std/src/panicking.rs:1:5 rust_begin_unwind | "
      "./src/run.rs:8:9 app::run = boom\n");
  EXPECT_EQ(told("stack backtrace:\n   3: core::assert_failed::<i32, i32>\n"
                 "             at /rustc/1/core.rs:394:5\n"
                 "   4:     0x55e9 - <fn() -> i32 as core::Fn>::call\n"
                 "                       at ./src/run.rs:8:9\n\n"),
            "rust: /rustc/1/core.rs:394:5 core::assert_failed::<i32, i32> | "
            "./src/run.rs:8:9 <fn() -> i32 as core::Fn>::call\n");
  EXPECT_EQ(told("panic: no\n\ngoroutine 1 [running]:\nmain.pick(...)\n\t/app/pick.go:4\n"
                 "main.main()\n\t/app/main.go:6 +0xa\n"
                 "created by testing.(*T).Run in goroutine 1\n\t/app/run.go:9 +0x4c5\n"),
            "go: /app/pick.go:4 main.pick | /app/main.go:6 main.main | /app/run.go:9 "
            "testing.(*T).Run = panic: no\n");
  EXPECT_EQ(told("java.lang.IllegalStateException: outer\n\tat a.B.main(B.java:12)\n"
                 "Caused by: java.lang.RuntimeException: inner\n\tat a.B.pick(B.java:5)\n"
                 "\t... 3 more\n"),
            "java: a/B.java:12 a.B.main = java.lang.IllegalStateException: outer\n"
            "java: a/B.java:5 a.B.pick = Caused by: java.lang.RuntimeException: inner\n");
  EXPECT_EQ(told("Exception in thread \"main\" java.lang.NullPointerException: x\n"
                 "\tat com.acme.shop.Cart.total(Cart.java:31)\n"
                 "\tat java.base/java.lang.Thread.run(Thread.java:829)\n"
                 "\tat sun.Foo.bar(Native Method)\n"),
            "java: com/acme/shop/Cart.java:31 com.acme.shop.Cart.total | java/lang/Thread.java:829 "
            "java.lang.Thread.run = Exception in thread \"main\" java.lang.NullPointerException: "
            "x\n");
}

TEST(Frames, WordsAndOthers) {
  EXPECT_EQ(
      told("PHP Fatal error: Uncaught Error in /var/www/a.php on line 12\n"
           "run.sh: line 7: foo: command not found\n"
           "died at lib/X.pm line 3.\n"
           "app.rb:12:in `call': no (RuntimeError)\n"
           "C:\\build\\src\\main.cpp:8:1: note: here\n"),
      "message: /var/www/a.php:12 = PHP Fatal error: Uncaught Error in /var/www/a.php on line "
      "12\n"
      "message: run.sh:7 = foo: command not found\n"
      "message: lib/X.pm:3 = died at lib/X.pm line 3.\n"
      "message: app.rb:12 = in `call': no (RuntimeError)\n"
      "message: C:/build/src/main.cpp:8:1 = note: here\n");
}

TEST(Frames, WhatIsNoPlace) {
  for (auto text :
       {"", "  File \"\", line 4, in f", "12:30:45 started", "localhost:8080",
        "http://example.com:80/x", "a:12", "version 1.2:3", "x.py:0", "x.py:99999999999",
        "ratio 3.5:1", "std::vector:3", "see https://host/x.js:12:5b", "f(12)", "at 12:30",
        "  expect(total([])).toBe(1);", "x = list.get(3)"}) {
    EXPECT_EQ(told(text), "") << text;
  }
}

TEST(Frames, Utf16) {
  std::string text = "\xFF\xFE";
  for (char c : std::string_view("a.py:3: wrong\r\nb.py:4: worse\n")) text += {c, '\0'};
  EXPECT_EQ(told(text), "message: a.py:3 = wrong\nmessage: b.py:4 = worse\n");
}

TEST(Frames, Bounds) {
  std::string many;
  for (int i = 0; i < 20000; i++) many += "a.c:1: x\n";
  many += "b.c:7: the failure\n";
  size_t places = 0, left_out = 0;
  auto traces = find_traces(many, &left_out);
  for (const Trace& trace : traces) places += trace.places.size();
  EXPECT_EQ(places, kMaxPlaces);
  EXPECT_EQ(left_out, 20001 - kMaxPlaces);
  EXPECT_EQ(traces.back().message, "the failure");
  std::string deep = "Traceback (most recent call last):\n";
  for (int i = 0; i < 20000; i++) deep += "  File \"a.py\", line 1, in f\n";
  traces = find_traces(deep, &left_out);
  ASSERT_EQ(traces.size(), 1u);
  EXPECT_EQ(traces[0].places.size() + left_out, 20000u);
  EXPECT_EQ(told(std::string(1 << 22, 'a') + ":12"), "");
}

}  // namespace
}  // namespace baton::triage
