"""`engine test`: what it says of tests that pass, fail and do not load, in each format."""

import xml.etree.ElementTree as xml

import pytest

TESTS = """
it("holds", function() assert(1 + 1 == 2) end)
it("fails <so> # 1", function()
  log.info("what led to it")
  error("it was\\nof two lines", 0)
end)
"""


@pytest.fixture
def lua(tmp_path):
    (tmp_path / "good_test.lua").write_text('it("holds too", function() end)\n')
    (tmp_path / "sums_test.lua").write_text(TESTS)
    (tmp_path / "worse_test.lua").write_text("this is not Lua\n")
    return tmp_path


def test_plainly(run_engine, lua):
    done = run_engine("test", lua)
    assert done.returncode == 1
    assert f"FAILED {lua}/sums_test.lua: fails <so> # 1\n  it was\n  of two lines" in done.stdout
    assert "what led to it" in done.stdout
    assert f"FAILED {lua}/worse_test.lua: does not load\n" in done.stdout
    assert "2 of 4 tests failed" in done.stdout


def test_as_tap(run_engine, lua):
    done = run_engine("test", lua, "--output", "tap")
    assert done.returncode == 1
    assert done.stdout.startswith("TAP version 14\n1..4\n")
    assert f"\nok 1 - {lua}/good_test.lua: holds too\n" in done.stdout
    assert f"\nnot ok 3 - {lua}/sums_test.lua: fails <so> \\# 1\n  ---\n  message: |\n    it was\n    of two lines\n" \
        in done.stdout


def test_as_junit_in_a_file(run_engine, lua):
    report = lua / "report.xml"
    done = run_engine("test", lua, "--output", "junit", "--output-file", report)
    assert done.returncode == 1
    suites = {suite.get("name"): suite for suite in xml.parse(report).getroot()}
    sums = suites[f"{lua}/sums_test.lua"]
    assert (sums.get("tests"), sums.get("failures")) == ("2", "1")
    failed = sums.find("testcase/failure/..")
    assert failed.get("name") == "fails <so> # 1"
    assert failed.find("failure").get("message") == "it was"
    assert "of two lines" in failed.find("failure").text
    assert suites[f"{lua}/good_test.lua"].get("failures") == "0"


def test_by_name(run_engine, lua):
    assert run_engine("test", lua / "sums_test.lua", "--filter", "holds").returncode == 0
    done = run_engine("test", lua / "sums_test.lua", "--filter", "no such")
    assert done.returncode == 1
    assert "no test has 'no such' in its name" in done.stderr
