"""Questions for a secret or for money, in Indonesian and English.

A sentence asks where a word of asking stands near a word for what nobody may ask for, and no "jangan" or
"tidak pernah" turns it round.  It is a net for the ways in which people are cheated here, not a reader: who
wants to say it otherwise can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.guarding.folding import latin

_GAP: Final = r"[\s.\-_*/]{0,2}"
_SECRET: Final = re.compile(
    rf"\b(?:p{_GAP}[i1l!]{_GAP}n(?:-?(?:nya|mu))?\b(?!\s*(?:point|lokasi|peta))|[o0]{_GAP}t{_GAP}p(?:-?nya)?\b|"
    r"pass\s?words?\b|pass\s?codes?\b|(?:kata|kode)\s+sandi(?:nya)?\b|"
    r"kode\s+(?:verifikasi|rahasia|keamanan|aktivasi|akses|unik|[a-z]ms)(?:nya)?\b|"
    r"kode\s+(?:\w+\s+){0,3}(?:[a-z]ms|\w{5}app|wa)\b|(?:kode\s+)?\w{1,4}\s+(?:digit|angka)\s+kode\b|"
    r"kode\s+\w{1,4}\s+(?:digit|angka)\b|"
    r"(?:verification|security|secret|one[\s-]?time|login|access)\s+(?:code|number)s?\b|cv[vc]\b|"
    r"(?:nomor|no\.?|kode)\s+(?:kartu\s+)?(?:atm|kredit|debit)\b|(?:credit|debit)\s+card\s+number\b|"
    r"m-?banking\b|mobile\s+banking\b|user\s?name\b|tanggal\s+kedaluwarsa\s+kartu\b)",
    re.IGNORECASE,
)
_MONEY: Final = re.compile(
    r"\b(?:uang(?:nya)?|pulsa|saldo|(?:ke|via|lewat|akun)\s+dana|biaya(?:nya)?|rekening(?:nya)?|norek|ongkos|imbalan|money|fees?|funds|"
    r"bank\s+account|account\s+number|gift\s+cards?|qris|gopay|shopeepay|linkaja|ovo|rp\.?\s?\d[\d.,]*)\b",
    re.IGNORECASE,
)
_PAY: Final = re.compile(
    r"\b(?:(?:men)?(?:transfer(?:kan)?)|tf|bayar(?:kan|lah)?|membayar(?:kan)?|setor(?:kan|lah)?|menyetor(?:kan)?|"
    r"melunasi|top[\s-]?up|isi\s+pulsa|"
    r"(?:pay|wire)\s+(?:the|a|an|us|for|via|by|to|your|first|now|rp|idr|money|\d+))\b",
    re.IGNORECASE,
)
_CHARGED: Final = re.compile(
    r"\b(?:(?:di)?(?:kenakan|kenai)|dikenai|dipungut|ditagih|dibebankan|charged?|costs?)\s+(?:\w+\s+){0,2}?"
    r"(?:biaya|uang|ongkos|rp\.?\s?\d[\d.,]*|fees?|money)\b|\bbiaya\s+(?:\w+\s+){0,2}(?:sebesar|adalah|senilai)\b",
    re.IGNORECASE,
)
_ASK: Final = re.compile(
    r"\b(?:kirim(?:kan|lah)?|mengirim(?:kan)?|ber(?:i|ikan)|beri\s?tahu(?:kan)?|kasih(?:kan)?|sebut(?:kan|lah)?|"
    r"menyebutkan|memberi(?:kan)?|masuk(?:kan|an)|isi(?:kan)?|mengisi|ketik(?:kan|lah)?|balas(?:kan)?|"
    r"info(?:kan|rmasikan)|konfirmasi(?:kan)?|serah(?:kan)?|menyerahkan|baca(?:kan)?|bagi(?:kan)?|lampir(?:kan)?|"
    r"foto(?:kan)?|tulis(?:kan)?|siapkan|sediakan|teruskan|minta|meminta|butuh(?:kan)?|membutuhkan|perlu(?:kan)?|"
    r"memerlukan|lunasi|tolong|mohon|dimohon|harap|silakan|silahkan|wajib|harus|segera|"
    r"send|give|tell|share|enter|type|provide|submit|forward|reply|confirm|ask|need|require|please|must)\b",
    re.IGNORECASE,
)
_BEHIND: Final = re.compile(  # asks for what was named before it: "PIN-nya kirim ke sini"
    r"\b(?:kirim(?:kan|lah)?|berikan|kasih(?:kan)?|sebutkan|info(?:kan|rmasikan)|bacakan|teruskan|tolong|"
    r"(?:mohon|harap|silakan|silahkan)\s+(?:di)?(?:kirim|beri|sebut|info|isi|ketik|masuk)\w*|"
    r"send|share|forward|berapa|apa\s+ya)\b",
    re.IGNORECASE,
)
_HOW_MUCH: Final = re.compile(r"\b(?:berapa|apa|what(?:'s|\s+is)?|which)\b", re.IGNORECASE)
_NOT: Final = re.compile(
    r"\b(?:jangan(?:lah)?|tidak|tak|tdk|bukan|tanpa|belum|never|not|don'?t|won'?t|without|nobody|no\s+one|no|"
    r"gratis|free)\b(?!\s+(?:lupa|ragu|khawatir|kuatir|takut|usah\s+(?:ragu|khawatir|takut)|forget|worry|hesitate|"
    r"hanya|saja|only))",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(
    r"\s*(?:untuk\s+)?(?:jangan|tidak|tanpa|hapus|ganti|ubah|do\s+not|don't|never|no|remove|change)\b",
    re.IGNORECASE,
)
_NEVER: Final = re.compile(
    r"\b(?:(?:tidak|tak)\s+(?:akan\s+)?pernah|(?:tidak|tak)\s+akan|never|will\s+not|won'?t)\b", re.IGNORECASE
)
_OURSELVES: Final = re.compile(  # what we say of us: "tidak pernah menelepon, meminta PIN, atau meminta uang"
    r"^(?:me\w+|minta|perlu(?:kan)?|butuh(?:kan)?|ask|need|require|send|tell)$", re.IGNORECASE
)
_OTHERS: Final = re.compile(  # of whom we warn: "siapa pun yang meminta PIN"
    r"\b(?:yang|siapa(?:\s+pun)?|seseorang|orang|pihak|penipu|anyone|anybody|someone|who|asks|asking)\W+$",
    re.IGNORECASE,
)
_SHOULD_THEY: Final = re.compile(r"\b(?:bila|jika|kalau|apabila|if)\b[^,]*$", re.IGNORECASE)
_TO_NOBODY: Final = re.compile(r"^\W*(?:\w+\W+){0,3}?(?:nobody|no\s+one)\b", re.IGNORECASE)
_SENTENCE: Final = re.compile(
    r"(?<=[^\d.])[.!;]+(?:\s|$)|(?<=\d)\.\s+(?=[A-Z])|[!;]+|(?<![:,])\n+|(?<=\?)\s*"
)
_NEAR, _CLOSE, _TURNS = 60, 40, 32  # characters between asking and asked for; before it; of a "jangan"

_C: Final = "[0-9A-HJKMNP-TV-Z]"  # of Crockford's base 32
_WORD: Final = rf"{_C}{{4}}[0-9]{{2}}"
_BY_CHANCE: Final = re.compile(  # K7Q2-M9FD-P RP1234, cek T12 RP1234, RP52G-G6Y7V-Q12RZ, tokens in addresses:
    rf"(?<![\w-])(?:{_C}{{4}}-{_C}{{4}}-{_C}(?: {_WORD})?|cek [TD][0-9]+ {_WORD}|"
    rf"{_C}{{5}}-{_C}{{5}}-{_C}{{5}}|(?<=/)[\w-]{{43}})(?![\w-])"
)  # what stands in them is neither a sum nor a secret
_BETWEEN: Final = str.maketrans("", "", " \n\t.-_*/")
_OF_SECRETS: Final = (
    *("pin", "p1n", "pln", "p!n", "otp", "0tp", "pass", "sandi", "kode", "code", "number", "cvv", "cvc"),
    *("atm", "kredit", "debit", "banking", "username", "kartu"),
)
_OF_MONEY: Final = (
    *("uang", "pulsa", "saldo", "dana", "biaya", "reken", "norek", "ongkos", "imbalan", "money", "fee"),
    *("fund", "account", "gift", "qris", "pay", "ovo", "linkaja", "rp", "transfer", "tf", "bayar", "setor"),
    *("lunasi", "topup", "wire", "charge", "cost"),
)  # what stands in every word of the patterns: a text without any needs no look


@dataclass(frozen=True, slots=True)
class Asked:
    """``what``: ``secret`` or ``money``; ``shown``: the word that gave it away."""

    what: str
    shown: str


def asked_for(seen: str) -> Asked | None:
    """What a text asks for that nobody may, if anything; the text is folded."""
    text = _BY_CHANCE.sub(lambda code: "#" * len(code.group()), latin(seen))
    joined = text.lower().translate(_BETWEEN)
    patterns = [
        pattern
        for pattern, marks in (
            (_SECRET, _OF_SECRETS),
            (_MONEY, _OF_MONEY),
            (_PAY, _OF_MONEY),
            (_CHARGED, _OF_MONEY),
        )
        if any(mark in joined for mark in marks) and pattern.search(text)
    ]
    if not patterns:
        return None
    return next((asked for part in _SENTENCE.split(text) for asked in _in_sentence(part, patterns)), None)


def unasked(seen: str) -> str:
    """The text with the words for secrets and money broken visibly: ``O·TP``; our numbers stay whole."""
    text = latin(seen)
    between, codes = _BY_CHANCE.split(text), [*_BY_CHANCE.findall(text), ""]
    return "".join(_broken(words) + code for words, code in zip(between, codes, strict=True))


def _broken(words: str) -> str:
    for pattern in (_SECRET, _MONEY, _PAY, _CHARGED):
        words = pattern.sub(_parted, words)
    return words


def _parted(found: re.Match[str]) -> str:
    """A dot behind the first letter of each word; between them, where the letters stand alone."""
    words = re.sub(r"\b(\w)(?=\w)", r"\1·", found.group())
    return words if words != found.group() else re.sub(r"\W+", "·", words)


def _in_sentence(sentence: str, patterns: Sequence[re.Pattern[str]]) -> Iterator[Asked]:
    for pattern in patterns:
        for found in pattern.finditer(sentence):
            if pattern in (_PAY, _CHARGED):
                asks = not _turned(sentence, found)
            else:
                asks = _asks(sentence, found, behind=pattern is _SECRET)
            if asks:
                yield Asked("secret" if pattern is _SECRET else "money", found.group())


def _asks(sentence: str, thing: re.Match[str], *, behind: bool) -> bool:
    before = sentence[max(0, thing.start() - _NEAR) : thing.start()]
    offset = thing.start() - len(before)
    if _TO_NOBODY.match(sentence[thing.end() :]):
        return False
    for ask in _ASK.finditer(before):
        if not _turned(sentence, ask, offset):
            return True
    if not behind:
        return False
    after = sentence[thing.end() : thing.end() + _CLOSE]
    if any(not _turned(sentence, ask, thing.end()) for ask in _BEHIND.finditer(after)):
        return True
    return sentence.rstrip().endswith("?") and bool(_HOW_MUCH.search(before[-_CLOSE:]))


def _turned(sentence: str, ask: re.Match[str], offset: int = 0) -> bool:
    """Whether it is said not to do so, never to be asked so, or that others might."""
    start = offset + ask.start()
    before = sentence[:start]
    if _OTHERS.search(before):
        return True
    close = re.split(r"[,:]", before[-_TURNS:])[-1]
    if _NOT.search(close) or _AFTER.match(sentence[offset + ask.end() :]):
        return True
    told_of = _NEVER.search(before) or _SHOULD_THEY.search(before)
    return bool(told_of and _OURSELVES.match(ask.group()))
