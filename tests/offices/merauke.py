"""A second office for tests: another regency, another hour, its own villages and a service of its own.

The villages' names are of real places (Kepmendagri 300.2.2-2138/2025); two of one name are made up.
"""

from __future__ import annotations

from pathlib import Path

from office.catalogue import CATALOG
from office.profile import ROTE_NDAO

OFFICE_ID = 9301
VILLAGES = """code,name,level,kind,parent_code,parent_name,former_code,aliases
93.01,Kabupaten Merauke,kabupaten_kota,kabupaten,93,Papua Selatan,,
93.01.01,Merauke,kecamatan,kecamatan,93.01,Kabupaten Merauke,,
93.01.03,Okaba,kecamatan,kecamatan,93.01,Kabupaten Merauke,,
93.01.01.1001,Rimba Jaya,desa_kelurahan,kelurahan,93.01.01,Merauke,,
93.01.01.1002,Samkai,desa_kelurahan,kelurahan,93.01.01,Merauke,,
93.01.03.2001,Okaba,desa_kelurahan,desa,93.01.03,Okaba,,
93.01.01.2009,Sanggase,desa_kelurahan,desa,93.01.01,Merauke,,
93.01.03.2009,Sanggase,desa_kelurahan,desa,93.01.03,Okaba,,
"""
CHANGES = {
    "id: '5314'": f"id: '{OFFICE_ID}'",
    "Rote Ndao": "Merauke",
    "Asia/Makassar": "Asia/Jayapura",
    "WITA": "WIT",
    "# villages: desa.csv": "villages: desa.csv",
    "# additions: tambahan": "additions: tambahan",
}


def files_of(folder: Path, env: str) -> Path:
    """The folder for ``LOKET_OFFICES``, with the office's files in it; ``env``: lines for its ``*.env``."""
    here = folder / "offices"
    services = here / "tambahan" / "services"
    services.mkdir(parents=True)
    profile = ROTE_NDAO.read_text(encoding="utf-8")
    for ours, theirs in CHANGES.items():
        assert ours in profile, ours
        profile = profile.replace(ours, theirs)
    (here / "merauke.yaml").write_text(profile, encoding="utf-8")
    (here / "desa.csv").write_text(VILLAGES, encoding="utf-8")
    _as_of_merauke(services / "surat_adat.yaml", "legalisasi.yaml", SURAT_ADAT)
    _as_of_merauke(services / "ktp_hilang.yaml", "ktp_hilang.yaml", KTP_HILANG)
    (here / "merauke.env").write_text(f"LOKET_OFFICE=merauke.yaml\n{env}", encoding="utf-8")
    return here


KTP_HILANG = {"short: {id: KTP-el hilang": "short: {id: KTP-el raib"}
SURAT_ADAT = {
    "code: LEGALISASI": "code: SURAT_ADAT",
    "{id: Legalisasi dokumen, en: Certified copy}": "{id: Surat adat, en: Customary letter}",
    "{id: Legalisasi, en: Certified copy}": "{id: Surat adat, en: Customary letter}",
    "position: 1": "position: 9",
    "[legalisir, legalisasi kk, legalisir kk, legalisir akta, legalisir ktp, cap legalisir]": "[adat]",
}


def _as_of_merauke(file: Path, ours: str, changes: dict[str, str]) -> None:
    text = (CATALOG / "services" / ours).read_text(encoding="utf-8")
    for before, after in changes.items():
        assert before in text, before
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")
