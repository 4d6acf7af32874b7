"""`flask policy …`: what is in force in words and as a file; a file becomes a draft, and nothing more."""

import pytest
from test_commands import run  # noqa: F401  (the fixture)
from test_policy_drafts import laid_down

from models.policy import PolicyVersion
from models.policy_drafts import PolicyDraft
from rules.policy_files import read


def test_show_says_each_parameter_in_words_and_whose_it_is(cast, run):  # noqa: F811
    laid_down("53", bounds={"yearly_cap_points": {"high": 900}})
    laid_down("530102", yearly_cap_points=300, weights=[{"category": "01", "percent": 50}])
    done = run("policy", "show", "exchange", "--division", "530102", "--on", "2021-01-01")
    assert done.exit_code == 0, done.output
    assert "每人每年上限：300 分　（五华区 2020-01-01）" in done.output and "  省定不高于 900 分" in done.output
    assert "每小时折合积分：1 分　（云南省 2020-01-01）" in done.output and "checked_in" not in done.output
    province = run("policy", "show", "exchange").output
    assert "每人每年上限：不限　（云南省" in province and "可兑换工时有效期：不限　（" in province
    assert "累计满多少小时起兑：0 小时　（" in province  # there 0 is nothing but 0


def test_export_and_import_give_the_same_policy_as_a_draft(cast, run, tmp_path):  # noqa: F811
    laid_down("530102", yearly_cap_points=300)
    file = tmp_path / "兑换.toml"
    done = run("policy", "export", "exchange", file, "--division", "530102")
    assert done.exit_code == 0 and "已写入" in done.output
    assert run("policy", "export", "exchange", "--division", "530102").output == file.read_text("utf-8")
    done = run("policy", "import", file, "--as", "county")
    assert done.exit_code == 0 and "已起草" in done.output, done.output
    row = PolicyDraft.get()
    said = read(file.read_bytes())
    assert (row.state, row.division, row.values) == ("drafted", "530102", said.values)
    assert PolicyVersion.select().count() == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "exchang"), "Invalid value"),
        (("show", "exchange", "--division", "5301020"), "区划代码应为"),
        (("show", "exchange", "--on", "2001-01-01"), "没有生效的「回馈兑换」政策"),
        (("export", "exchange", "/nowhere/at/all.toml"), "写不了"),
    ],
)
def test_what_cannot_be_done_is_said_and_fails(cast, run, words, says):  # noqa: F811
    done = run("policy", *words)
    assert done.exit_code != 0 and says in done.output


@pytest.mark.parametrize(
    ("text", "username", "says"),
    [
        ("floor_hours = -1", "county", "floor_hours：「累计满多少小时起兑」：不能小于 0"),
        ("x = ", "county", "文件读不出来"),
        ("floor_hours = 1", "head", "站长不能办理这一项"),
        ("floor_hours = 1", "nobody", "没有启用的账号「nobody」"),
    ],
)
def test_a_file_is_refused_with_its_place_and_nothing_is_kept(cast, run, tmp_path, text, username, says):  # noqa: F811
    file = tmp_path / "x.toml"
    file.write_text(f'topic = "exchange"\n[[version]]\nfrom = 2030-01-01\nsource = "x"\n{text}', "utf-8")
    done = run("policy", "import", file, "--as", username)
    assert done.exit_code == 1 and says in done.output
    assert not PolicyDraft.select().exists()
