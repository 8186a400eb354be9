"""What makes a test prove less, in the languages that people test in; and what does not."""
import pytest

PY = "import pytest\n\n\ndef test_a():\n    assert f(1) == 2\n\n\ndef test_b():\n    assert f(2) == 3\n"
JS = "describe('f', () => {\n  it('adds', () => {\n    expect(f(1)).toBe(2);\n  });\n});\n"
GO = "package a\n\nfunc TestA(t *testing.T) {\n\tif f(1) != 2 {\n\t\tt.Errorf(\"bad\")\n\t}\n}\n"
RUST = "#[test]\nfn adds() {\n    assert_eq!(f(1), 2);\n}\n"
JAVA = "class ATest {\n  @Test\n  void adds() {\n    assertEquals(2, f(1));\n  }\n}\n"
RUBY = "describe 'f' do\n  it 'adds' do\n    expect(f(1)).to eq(2)\n  end\nend\n"
CPP = "TEST(A, Adds) {\n  EXPECT_EQ(f(1), 2);\n}\n"
PHP = "<?php class ATest extends TestCase {\n  public function testA() {\n    $this->assertSame(2, f(1));\n  }\n}\n"
CSHARP = "public class ATests {\n  [Fact]\n  public void Adds() {\n    Assert.Equal(2, F(1));\n  }\n}\n"
SWIFT = "class ATests: XCTestCase {\n  func testA() {\n    XCTAssertEqual(f(1), 2)\n  }\n}\n"
ELIXIR = "defmodule ATest do\n  test \"adds\" do\n    assert f(1) == 2\n  end\nend\n"
KOTLIN = "class ATest {\n  @Test fun adds() {\n    f(1) shouldBe 2\n  }\n}\n"
INLINE = "pub fn f() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn a() {\n        assert_eq!(f(1), 2);\n    }\n}\n"

WEAKENED = [
    ("tests/test_a.py", PY, "def test_a", "@unittest.expectedFailure\ndef test_a", "test-skipped"),
    ("tests/test_a.py", PY, "import pytest\n", "import pytest\n\npytestmark = pytest.mark.skip\n", "test-skipped"),
    ("tests/test_a.py", PY, "    assert f(1) == 2", "    #assert f(1) == 2\n    pass", "test-assertion-removed"),
    ("tests/test_a.py", PY, "    assert f(1) == 2", "    return\n    assert f(1) == 2", "test-changed"),
    ("tests/test_a.py", PY, "    assert f(1) == 2",
     "    try:\n        assert f(1) == 2\n    except AssertionError:\n        pass", "test-changed"),
    ("tests/test_a.py", PY, "def test_a", "def _test_a", "test-removed"),
    ("tests/test_a.py", PY, "def test_a():\n    assert f(1) == 2\n\n\n", "", "test-assertion-removed"),
    ("tests/test_a.py", PY, "assert f(1) == 2", "assert True", "test-expectation-changed"),
    ("tests/conftest.py", "x = 1\n", "x = 1\n", "x = 1\ncollect_ignore = ['test_a.py']\n", "test-skipped"),
    ("web/a.test.js", JS, "it('adds'", "it.only('adds'", "test-skipped"),
    ("web/a.test.js", JS, "it('adds'", "xit('adds'", "test-skipped"),
    ("web/a.test.ts", JS, "describe('f'", "describe.skip('f'", "test-skipped"),
    ("web/a.test.js", JS, "    expect(f(1)).toBe(2);\n", "    //expect(f(1)).toBe(2);\n", "test-assertion-removed"),
    ("a_test.go", GO, "\tif f(1)", "\tt.Skip(\"later\")\n\tif f(1)", "test-skipped"),
    ("a_test.go", GO, "t.Errorf", "t.Logf", "test-assertion-removed"),
    ("a_test.go", GO, "package a\n", "//go:build integration\n\npackage a\n", "test-changed"),
    ("tests/a.rs", RUST, "#[test]\n", "", "test-removed"),
    ("src/lib.rs", INLINE, "    #[test]\n", "    #[test]\n    #[ignore]\n", "test-skipped"),
    ("src/test/java/ATest.java", JAVA, "    assert", "    assumeTrue(false);\n    assert", "test-skipped"),
    ("src/test/java/ATest.java", JAVA, "  @Test\n", "", "test-removed"),
    ("spec/a_spec.rb", RUBY, "it 'adds'", "xit 'adds'", "test-skipped"),
    ("spec/a_spec.rb", RUBY, "    expect", "    pending\n    expect", "test-skipped"),
    ("a_test.cc", CPP, "Adds", "DISABLED_Adds", "test-skipped"),
    ("tests/ATest.php", PHP, "    $this", "    $this->markTestSkipped('x');\n    $this", "test-skipped"),
    ("tests/ATests.cs", CSHARP, "[Fact]", "[Fact(Skip = \"later\")]", "test-skipped"),
    ("Tests/ATests.swift", SWIFT, "    XCT", "    throw XCTSkip(\"x\")\n    XCT", "test-skipped"),
    ("test/a_test.exs", ELIXIR, "  test \"", "  @tag :skip\n  test \"", "test-skipped"),
    ("src/test/kotlin/ATest.kt", KOTLIN, "    f(1) shouldBe 2\n", "", "test-assertion-removed"),
]

SOUND = [
    ("tests/test_a.py", PY, "import pytest", "import pytest  # TODO: more tests"),
    ("tests/test_a.py", PY, "import pytest\n", "import pytest\n\nrows = rows.skip(1)\n"),
    ("tests/test_a.py", PY, PY, PY + "\n\ndef test_c():\n    assert skip(3) == 1\n"),
    ("tests/test_a.py", PY, "def test_a():\n    assert f(1) == 2\n\n\ndef test_b():\n    assert f(2) == 3\n",
     "def test_b():\n    assert f(2) == 3\n\n\ndef test_a():\n    assert f(1) == 2\n"),
    ("tests/test_a.py", PY, "    assert f(1) == 2\n", "    with given():\n        assert f(1) == 2\n"),
    ("tests/a.rs", RUST, "fn adds() {\n", "fn adds() {\n    let v: Vec<_> = xs.iter().skip(1).collect();\n"),
    ("src/lib.rs", INLINE, "pub fn f() {}\n", "pub fn f() { assert!(true); }\n"),
]


def rules(world, path, before, old, new):
    assert old in before
    world.write(path, before)
    world.commit("A test")
    agent = world.claude().start().prompt("make them pass")
    agent.read(path)
    agent.write(path, before.replace(old, new, 1))
    agent.stop()
    return [each["rule"] for each in world.json("handoff")["risks"] if each["rule"].startswith("test-")]


@pytest.mark.parametrize("path, before, old, new, rule", WEAKENED, ids=lambda v: None)
def test_what_proves_less_is_named(world, path, before, old, new, rule):
    assert rules(world, path, before, old, new)[:1] == [rule]


@pytest.mark.parametrize("path, before, old, new", SOUND, ids=lambda v: None)
def test_what_proves_as_much_is_not(world, path, before, old, new):
    assert set(rules(world, path, before, old, new)) <= {"test-changed"}


def test_a_file_that_the_prompt_brought_was_read(world):
    world.write("lib.sh", "answer() { echo 41; }\n")
    world.commit("A library")
    agent = world.claude().start().prompt("mend @lib.sh")
    agent.edit("lib.sh", "41", "42")
    agent.stop()
    assert "unread" not in [each["rule"] for each in world.json("handoff")["risks"]]
