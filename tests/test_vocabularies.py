"""The vocabularies that ship: whole, without doubles, and mapped to the national words."""

from collections import Counter

import pytest

from fixtures import vocabularies
from fixtures.vocabularies import terms

TERMS = list(terms())
BY_NAME = {(term.kind, term.name): term for term in TERMS}


def names(kind: str) -> list[str]:
    return [term.name for term in TERMS if term.kind == kind]


def test_each_vocabulary_has_its_number_of_words():
    assert Counter(term.kind for term in TERMS) == {
        "category": 27,
        "recipient": 18,
        "skill": 28,
        "politics": 13,
        "education": 8,
        "ethnicity": 56,
        "occupation": 8,
        "quality": 4,
        "language": 23,
        "training_topic": 12,
        "qualification": 11,
        "setup_item": 25,
    }


@pytest.mark.parametrize("field", ["code", "name", "order"])
def test_nothing_stands_twice_in_a_vocabulary(field):
    counted = Counter((term.kind, getattr(term, field)) for term in TERMS)
    assert [key for key, count in counted.items() if count > 1] == []


def test_every_code_is_a_string_of_figures_and_every_name_is_trimmed():
    assert all(isinstance(term.code, str) and term.code.isdigit() for term in TERMS)
    assert [term.name for term in TERMS if not term.name or term.name != term.name.strip()] == []


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("category", "家政服务 文体活动 心理疏导 医疗保健 法律服务 技能培训"),
        ("recipient", "空巢老人 留守儿童 农民工 残疾人 服刑人员子女"),
        ("quality", "优 良 中 差"),
    ],
)
def test_the_plans_own_words_come_first(kind, first):
    assert names(kind)[: len(first.split())] == first.split()


@pytest.mark.parametrize(
    ("kind", "name", "national"),
    [
        ("category", "家政服务", "社区服务"),
        ("category", "医疗保健", "卫生健康"),
        ("category", "法律服务", "法律服务"),
        ("category", "环境保护", "环境保护"),
        ("recipient", "空巢老人", "老年人"),
        ("politics", "群众", "13"),
        ("education", "大学本科", "20"),
        ("skill", "理发", ""),
    ],
)
def test_a_word_has_its_national_counterpart(kind, name, national):
    assert BY_NAME[kind, name].national_code == national


def test_every_national_label_a_category_maps_to_is_itself_a_category():
    labels = {term.national_code for term in TERMS if term.kind == "category"}
    assert len(labels) == 22
    assert labels <= set(names("category"))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("01", "汉族"),
        ("05", "维吾尔族"),
        ("07", "彝族"),
        ("14", "白族"),
        ("16", "哈尼族"),
        ("18", "傣族"),
        ("20", "傈僳族"),
        ("21", "佤族"),
        ("24", "拉祜族"),
        ("25", "水族"),
        ("27", "纳西族"),
        ("28", "景颇族"),
        ("34", "布朗族"),
        ("39", "阿昌族"),
        ("40", "普米族"),
        ("42", "怒族"),
        ("46", "德昂族"),
        ("51", "独龙族"),
        ("56", "基诺族"),
    ],
)
def test_an_ethnic_group_has_its_national_code(code, name):
    assert BY_NAME["ethnicity", name].code == code == BY_NAME["ethnicity", name].national_code


@pytest.mark.parametrize("name", ["残疾人", "服刑人员子女", "残障人士", "病患者"])
def test_a_word_that_would_expose_a_person_is_sensitive(name):
    assert BY_NAME["recipient", name].sensitive


def test_most_words_are_not_sensitive():
    assert not BY_NAME["recipient", "空巢老人"].sensitive
    assert {term.kind for term in TERMS if term.sensitive} == {"recipient"}


def test_a_misspelt_key_refuses_to_load(tmp_path, monkeypatch):
    file = tmp_path / "words.toml"
    file.write_text('skill = [{ code = "01", name = "理发", nation = "x" }]', encoding="utf-8")
    monkeypatch.setattr(vocabularies, "_FILE", file)
    with pytest.raises(ValueError, match="unknown key nation"):
        list(terms())
