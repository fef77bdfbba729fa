"""The shipped catalogue and office file: `office.catalogue`, `office.profile`."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from office.catalogue import (
    CATALOG,
    Catalogue,
    CatalogueBroken,
    CollectBy,
    Delivery,
    Form,
    PaperUnknown,
    Service,
    ServiceUnknown,
    load_catalogue,
    words_of,
)
from office.catalogue_check import check
from office.profile import load_office

CODES = {
    *("KTP_BARU", "KTP_HILANG", "KTP_RUSAK", "KTP_UBAH"),
    *("KK_BARU", "KK_PISAH", "KK_UBAH", "KK_HILANG"),
    *("KIA_BARU", "KIA_HILANG"),
    *("AKTA_LAHIR", "AKTA_MATI", "AKTA_KAWIN", "AKTA_CERAI"),
    *("AKUI_ANAK", "SAH_ANAK", "AKTA_ULANG", "AKTA_BETUL"),
    *("PINDAH_KELUAR", "PINDAH_DATANG"),
    *("BIODATA", "UBAH_DATA", "KONSOLIDASI"),
    *("LEGALISASI", "IKD"),
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def test_nothing_is_wrong_with_what_is_shipped() -> None:
    assert [str(problem) for problem in check()] == []


def test_the_25_services_keep_their_codes(catalogue: Catalogue) -> None:
    assert {service.code for service in catalogue.services} == CODES
    assert len(catalogue.services) == 25


def test_the_menu_names_every_service_once_and_fits_a_list(catalogue: Catalogue) -> None:
    assert len(catalogue.groups) <= 10
    assert [s for group in catalogue.groups for s in catalogue.in_group(group.key)] == list(
        catalogue.services
    )
    assert all(1 <= len(catalogue.in_group(group.key)) <= 9 for group in catalogue.groups)  # and a way back
    for language in ("id", "en"):
        titles = [service.short.in_language(language) for service in catalogue.services]
        assert len(set(titles)) == 25


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("KTP_HILANG", "KTP_HILANG"),
        ("ktp_hilang", "KTP_HILANG"),
        ("ktp hilang", "KTP_HILANG"),
        ("  Kehilangan   KTP ", "KTP_HILANG"),
        ("KTP-el hilang", "KTP_HILANG"),
        ("lost e-id card", "KTP_HILANG"),
        ("mau bekin KTP", "KTP_BARU"),
        ("pecah kk", "KK_PISAH"),
        ("akte lahir", "AKTA_LAHIR"),
        ("akta lahir hilang", "AKTA_ULANG"),
        ("legalisir", "LEGALISASI"),
        ("kia", "KIA_BARU"),
        ("ikd", "IKD"),
    ],
)
def test_a_service_is_found_by_what_people_type(catalogue: Catalogue, typed: str, code: str) -> None:
    service = catalogue.find(typed)
    assert service is not None
    assert service.code == code


@pytest.mark.parametrize("typed", ["kk", "ka", "KK mau tanya", "ktp", "1", "", "menu", "selesai", "akta"])
def test_a_word_that_could_mean_anything_finds_nothing(catalogue: Catalogue, typed: str) -> None:
    assert catalogue.find(typed) is None


def test_every_word_of_a_service_leads_to_it(catalogue: Catalogue) -> None:
    for service in catalogue.services:
        assert all(catalogue.find(word.upper()) is service for word in words_of(service))


def test_an_unknown_code_is_refused_by_name(catalogue: Catalogue) -> None:
    assert catalogue.service("IKD").code == "IKD"
    with pytest.raises(ServiceUnknown) as refusal:
        catalogue.service("PASPOR")
    assert refusal.value.facts == {"service": "PASPOR"}


def keys(service: Service, *held: str) -> list[str]:
    return [paper.key for paper in service.missing(held)]


def test_a_lost_card_needs_the_police_report_and_the_family_card(catalogue: Catalogue) -> None:
    lost = catalogue.service("KTP_HILANG")
    assert keys(lost) == ["surat_hilang", "kk"]
    assert keys(lost, "kk") == ["surat_hilang"]
    assert keys(lost, "kk", "surat_hilang") == []


def test_a_substitute_makes_what_it_stands_for_unnecessary(catalogue: Catalogue) -> None:
    birth = catalogue.service("AKTA_LAHIR")
    assert keys(birth) == ["surat_lahir", "buku_nikah", "kk"]
    assert keys(birth, "sptjm_lahir", "kk") == ["buku_nikah"]
    assert keys(birth, "sptjm_lahir", "sptjm_pasutri", "kk") == []
    assert keys(catalogue.service("KK_HILANG"), "kk_rusak") == ["ktp"]


def test_a_birth_never_requires_the_childs_nik(catalogue: Catalogue) -> None:
    assert {service.code for service in catalogue.services if not service.needs_nik} == {
        "AKTA_LAHIR",
        "BIODATA",
    }


def test_a_birth_is_a_package_whose_extras_come_on_a_condition(catalogue: Catalogue) -> None:
    outputs = catalogue.service("AKTA_LAHIR").outputs
    assert [(o.key, o.delivery, o.when is None) for o in outputs] == [
        ("akta", Delivery.DIGITAL, True),
        ("kk", Delivery.DIGITAL, False),
        ("kia", Delivery.PICKUP, False),
    ]


def test_an_e_id_card_is_handed_to_its_owner_alone(catalogue: Catalogue) -> None:
    for service in catalogue.services:
        for output in service.outputs:
            if output.key.startswith("ktp"):
                assert (output.delivery, output.collect_by) == (Delivery.PICKUP, CollectBy.OWNER)
                assert output.bring


def test_every_service_ends_in_something_that_always_comes(catalogue: Catalogue) -> None:
    assert all(any(o.when is None for o in service.outputs) for service in catalogue.services)


def test_only_the_digital_identity_happens_at_the_counter_alone(catalogue: Catalogue) -> None:
    only = [s.code for s in catalogue.services if s.in_person and s.in_person.only]
    assert only == ["IKD"]


def test_a_paper_is_named_by_its_key_its_label_or_an_alias(catalogue: Catalogue) -> None:
    lost = catalogue.service("KTP_HILANG")
    for typed in ("kk", "KK", "Kartu  Keluarga", "family card"):
        assert lost.find_paper(typed).key == "kk"
    assert lost.paper("surat_hilang") is lost.find_paper("surat polisi")
    with pytest.raises(PaperUnknown) as refusal:
        lost.find_paper("paspor")
    assert refusal.value.facts == {"service": "KTP_HILANG", "papers": ("surat_hilang", "kk")}
    with pytest.raises(PaperUnknown):
        lost.paper("KK")


def test_old_and_new_forms_stand_side_by_side_while_the_date_is_unconfirmed(catalogue: Catalogue) -> None:
    forms = [form.code for form in catalogue.service("AKTA_MATI").forms_on(date(2026, 11, 24))]
    assert forms == ["F-2.01", "F-2.01A"]


def test_a_form_is_used_from_its_first_to_its_last_day() -> None:
    form = Form.model_validate(
        {
            "code": "F-2.01",
            "valid_from": date(2020, 1, 1),
            "valid_until": date(2026, 6, 30),
            "dates": "confirmed",
            "basis": "test",
        }
    )
    days = [date(2019, 12, 31), date(2020, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
    assert [form.may_be_used_on(day) for day in days] == [False, True, True, False]


def test_a_text_falls_back_to_indonesian(catalogue: Catalogue) -> None:
    name = catalogue.service("IKD").short
    assert (name.in_language("en"), name.in_language("id"), name.in_language("fr")) == (
        "IKD activation",
        "Aktivasi IKD",
        "Aktivasi IKD",
    )


def test_two_services_of_one_word_are_not_loaded(catalogue: Catalogue) -> None:
    lost = catalogue.service("KTP_HILANG")
    twin = lost.model_copy(update={"code": "KTP_DUA", "position": 9})
    with pytest.raises(CatalogueBroken, match="leads to KTP_HILANG and to KTP_DUA"):
        Catalogue(catalogue.groups, [lost, twin])
    with pytest.raises(CatalogueBroken, match="no such group: KTP_HILANG"):
        Catalogue(catalogue.groups[1:], [lost])


def test_a_broken_folder_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(CatalogueBroken, match=r"groups\.yaml cannot be read"):
        load_catalogue(tmp_path)
    (tmp_path / "services").mkdir()
    (tmp_path / "groups.yaml").write_text(
        (CATALOG / "groups.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (tmp_path / "services" / "x.yaml").write_text("code: X\n", encoding="utf-8")
    with pytest.raises(CatalogueBroken, match="catalog check"):
        load_catalogue(tmp_path)


def test_the_shipped_office_is_rote_ndao_on_its_own_clock() -> None:
    office = load_office()
    assert (office.id, office.zone.key, office.zone_label) == ("5314", "Asia/Makassar", "WITA")
    assert (office.reminder_after_days, office.correction_deadline_days, office.retention_days) == (3, 14, 30)
    assert [(span.opens, span.closes) for span in office.service_hours.week[4]] == [(time(8), time(11))]
    assert office.pickup_hours.week[6] == ()


def test_what_no_source_confirms_is_marked_as_assumed() -> None:
    assert {"service_hours", "pickup_hours", "official_numbers"} <= set(load_office().assumed)
