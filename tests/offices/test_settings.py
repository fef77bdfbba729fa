"""The folder of offices: what each of its files must say, and what two of them must not have in common."""

from pathlib import Path

import pytest

from office.catalogue import CatalogueBroken
from office.catalogue_check import check
from office.context import OfficeNotOpen, at_office, office, offices
from office.refusal import Refusal
from office.villages import NotFound, find
from tests.offices import merauke
from wiring.offices import meant, open_offices
from wiring.settings import Settings, SettingWrong, read_offices

ADDRESS = "LOKET_PUBLIC_URL=https://merauke.test/\n"


def settings(folder: Path, **more: object) -> Settings:
    return Settings(_env_file=None, env="test", offices=folder, public_url="https://rote.test", **more)


def test_an_office_is_what_its_file_says_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOKET_TELEGRAM__TOKEN", "42:of-the-first")
    folder = merauke.files_of(tmp_path, ADDRESS)
    (one,) = read_offices(folder)
    assert (one.public_url, one.office, one.telegram) == (
        "https://merauke.test",
        folder / "merauke.yaml",
        None,
    )
    assert read_offices(None) == []


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("", "LOKET_PUBLIC_URL: is missing."),
        ("LOKET_PUBLIC_URL=merauke.test", "LOKET_PUBLIC_URL: has to begin with https:// or http://."),
        (f"{ADDRESS}LOKET_TELEGRAM__TOKE=1", "LOKET_TELEGRAM__TOKE"),
        (f"{ADDRESS}LOKET_DATABASE_URL=sqlite://x", "LOKET_DATABASE_URL: is no setting."),
        (f"{ADDRESS}LOKET_WHATSAPP__WABA_ID=1", "is missing, while others of its channel are set."),
    ],
)
def test_what_is_wrong_is_said_with_file_and_name(tmp_path: Path, line: str, complaint: str) -> None:
    with pytest.raises(SettingWrong) as wrong:
        read_offices(merauke.files_of(tmp_path, line))
    assert "merauke.env: LOKET_" in str(wrong.value)
    assert complaint in str(wrong.value)


def test_a_folder_that_is_not_there_is_no_folder_without_offices(tmp_path: Path) -> None:
    with pytest.raises(SettingWrong, match="LOKET_OFFICES"):
        read_offices(tmp_path / "nowhere")


def test_two_offices_are_not_called_at_one_address(tmp_path: Path) -> None:
    with pytest.raises(SettingWrong, match=r"at rote\.test"):
        open_offices(settings(merauke.files_of(tmp_path, "LOKET_PUBLIC_URL=https://ROTE.test:443")))


def test_an_office_is_not_served_twice(tmp_path: Path) -> None:
    folder = merauke.files_of(tmp_path, ADDRESS)
    (folder / "twin.env").write_text(
        "LOKET_OFFICE=merauke.yaml\nLOKET_PUBLIC_URL=https://twin.test\n", encoding="utf-8"
    )
    with pytest.raises(CatalogueBroken, match="9301 is served already"):
        open_offices(settings(folder))


def test_whose_matter_it_is_has_to_be_said_where_there_are_several(tmp_path: Path) -> None:
    branches = open_offices(settings(merauke.files_of(tmp_path, ADDRESS)))
    assert [here.office_id for here in offices()] == [5314, 9301]
    with pytest.raises(OfficeNotOpen):
        office()
    with at_office(9301):
        assert office().office.zone_label == "WIT"
        with meant(branches, None):
            assert office().office_id == 5314
        assert office().office_id == 9301
    with pytest.raises(SettingWrong, match="serves 5314, 9301"), meant(branches, 1):
        pass
    with pytest.raises(OfficeNotOpen), at_office(1):
        pass


def test_each_has_services_and_villages_of_its_own(tmp_path: Path) -> None:
    open_offices(settings(merauke.files_of(tmp_path, ADDRESS)))
    with at_office(9301):
        assert office().catalogue.service("SURAT_ADAT").name.id == "Surat adat"
        assert office().catalogue.service("KTP_HILANG").short.id == "KTP-el raib"
        assert find("Kel. Samkai, Kab. Merauke") == find("93.01.01.1002")
        assert find("metina") == NotFound()
        assert find("53.14.01.2001") == NotFound()
    with at_office(5314):
        assert office().catalogue.service("KTP_HILANG").short.id == "KTP-el hilang"
        with pytest.raises(Refusal):
            office().catalogue.service("SURAT_ADAT")


def test_the_check_reads_what_an_office_brings_along(tmp_path: Path) -> None:
    folder = merauke.files_of(tmp_path, ADDRESS)
    profile, own = folder / "merauke.yaml", folder / "tambahan" / "services" / "surat_adat.yaml"
    assert check(profile) == []
    own.write_text(own.read_text(encoding="utf-8").replace("[adat]", "[akta lahir]"), encoding="utf-8")
    (folder / "desa.csv").write_text("code,name\n", encoding="utf-8")
    found = {(problem.file.name, problem.cause.split(":")[0]) for problem in check(profile)}
    assert ("surat_adat.yaml", "'akta lahir' also leads to AKTA_LAHIR") in found
    assert any(file == "merauke.yaml" and "desa.csv has no column" in cause for file, cause in found)


def test_a_regency_without_villages_is_not_opened(tmp_path: Path) -> None:
    folder = merauke.files_of(tmp_path, ADDRESS)
    profile = folder / "merauke.yaml"
    profile.write_text(
        profile.read_text(encoding="utf-8").replace("villages: desa.csv", ""), encoding="utf-8"
    )
    with pytest.raises(CatalogueBroken, match="`villages` does not say where the villages of 9301 are"):
        open_offices(settings(folder))
