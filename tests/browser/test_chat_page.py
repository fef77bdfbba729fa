"""What a citizen sees and does on the web chat, in a real browser the size of a cheap phone."""

import asyncio
import json
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page, expect

from bot.channels.webchat import cookie
from models.inbox import InboxEvent
from tests.fakes import pictures
from tests.webchat_counter import OFFICE, Counter

LOOK = (Path(__file__).parent / "look.js").read_text()


async def looks(page: Page, at: str) -> Any:
    """One of the functions of look.js, run in the page."""
    return await page.evaluate(f"(() => {{ {LOOK}\n return look.{at}(); }})()")


async def write(page: Page, words: str) -> None:
    await page.get_by_label("Tulis pesan").fill(words)
    await page.get_by_label("Tulis pesan").press("Enter")


async def begin(page: Page) -> None:
    await page.get_by_role("button", name="Mulai").click()
    await expect(page.get_by_role("button", name="KTP-el hilang")).to_be_visible()


async def test_a_citizen_begins_and_taps(page: Page) -> None:
    await expect(page.get_by_role("heading", name=OFFICE)).to_be_visible()
    await expect(page.get_by_text("Semua layanan gratis")).to_be_visible()
    await begin(page)
    await expect(page.locator(".office b")).to_have_text("Selamat datang.")

    await page.get_by_role("button", name="Akta kelahiran").click()
    await expect(page.locator(".office").last).to_contain_text("Anda memilih: Akta kelahiran")
    await expect(page.locator(".me .state").last).to_have_text("✓ terkirim")


async def test_an_edit_shows_in_its_old_place(page: Page) -> None:
    await begin(page)
    await page.get_by_role("button", name="Akta kelahiran").click()
    await page.get_by_role("button", name="Ganti").click()
    changed = page.locator("article.office", has_text="Pilihan dicatat.")
    await expect(changed).to_contain_text("diubah")
    await expect(page.get_by_text("Anda memilih")).to_have_count(0)
    await expect(page.get_by_role("button", name="Ganti")).to_have_count(0)


async def test_old_buttons_stay_but_look_quiet(page: Page) -> None:
    await begin(page)
    await page.get_by_role("button", name="KTP-el hilang").click()
    await expect(page.locator("article.live")).to_contain_text("Anda memilih: KTP-el hilang")

    await page.get_by_role("button", name="Kartu keluarga").click()  # under the older message
    await expect(page.locator("article.live")).to_contain_text("Anda memilih: Kartu keluarga")


async def test_several_files_at_once_are_one_step(page: Page, tmp_path: Path) -> None:
    await begin(page)
    (tmp_path / "ktp.jpg").write_bytes(pictures.jpeg(2))
    (tmp_path / "surat.pdf").write_bytes(pictures.pdf())
    await page.get_by_label("Foto/PDF").set_input_files([tmp_path / "ktp.jpg", tmp_path / "surat.pdf"])
    await expect(page.get_by_text("2 berkas diterima.")).to_be_visible()
    await expect(page.locator(".me .state", has_text="✓ terkirim")).to_have_count(3)

    await page.reload()
    picture = page.get_by_role("img", name="ktp.jpg")
    await expect(picture).to_be_visible()
    await expect(picture).not_to_have_js_property("naturalWidth", 0)
    await expect(page.get_by_role("link", name="surat.pdf")).to_be_visible()


async def test_a_wrong_file_is_refused_before_it_is_sent(page: Page, tmp_path: Path) -> None:
    await begin(page)
    (tmp_path / "suara.ogg").write_bytes(pictures.ogg_voice())
    (tmp_path / "besar.pdf").write_bytes(bytes(15 * 1024 * 1024 + 1))
    await page.get_by_label("Foto/PDF").set_input_files([tmp_path / "suara.ogg", tmp_path / "besar.pdf"])
    await expect(page.locator("article.failed")).to_have_count(2)
    await expect(
        page.get_by_text("Jenis berkas ini tidak dapat dikirim di sini. Kirim foto atau PDF.")
    ).to_be_visible()
    await expect(page.get_by_text("Berkas lebih dari 15 MB. Kirim yang lebih kecil.")).to_be_visible()
    assert await InboxEvent.all().count() == 1

    await page.get_by_role("button", name="Hapus").first.click()
    await expect(page.locator("article.failed")).to_have_count(1)


async def test_a_reload_keeps_the_conversation(page: Page) -> None:
    await begin(page)
    await write(page, "nama saya <b>Yohana</b> & Maria")
    await expect(page.locator(".office").last).to_contain_text(
        "Anda menulis: nama saya <b>Yohana</b> & Maria"
    )
    before = await page.locator("article .words").all_inner_texts()

    await page.reload()
    await expect(page.locator("article")).to_have_count(len(before))
    assert await page.locator("article .words").all_inner_texts() == before
    assert await page.locator(".words b").all_inner_texts() == ["Selamat datang."]


async def test_what_is_typed_without_a_network_goes_out_once(page: Page, profile: BrowserContext) -> None:
    await begin(page)
    await profile.set_offline(True)
    await write(page, "satu")
    await write(page, "dua")
    await expect(page.get_by_role("status")).to_contain_text("Tidak ada jaringan")
    await expect(page.locator(".me .state", has_text="belum terkirim")).to_have_count(2)

    await profile.set_offline(False)
    await expect(page.get_by_text("Anda menulis: dua")).to_be_visible()
    await expect(page.locator(".me .state", has_text="✓ terkirim")).to_have_count(3)
    assert await said() == ["mulai", "satu", "dua"]
    assert (
        await page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('loket.queue')).length") == 0
    )


async def test_an_answer_lost_on_the_way_is_no_second_message(page: Page) -> None:
    """The office has it, the page never hears so: it posts again, under the same id."""
    await begin(page)
    lost = 0

    async def lose_first(route: object) -> None:
        nonlocal lost
        lost += 1
        if lost == 1:
            await route.fetch()  # type: ignore[attr-defined]
            await route.abort()  # type: ignore[attr-defined]
        else:
            await route.continue_()  # type: ignore[attr-defined]

    await page.route("**/chat/messages", lose_first)
    await write(page, "sekali saja")
    await expect(page.get_by_text("Anda menulis: sekali saja")).to_have_count(1)
    await expect(page.locator(".me .state", has_text="✓ terkirim")).to_have_count(2)
    assert await said() == ["mulai", "sekali saja"]


async def test_a_page_closed_without_a_network_sends_when_it_opens_again(
    page: Page, profile: BrowserContext, counter: Counter
) -> None:
    await begin(page)
    await page.route("**/chat/messages", lambda route: route.abort())
    await write(page, "menunggu")
    await expect(page.locator(".me .state", has_text="belum terkirim")).to_have_count(1)
    await page.close()

    again = await profile.new_page()
    await again.goto(counter.url)
    await expect(again.get_by_text("Anda menulis: menunggu")).to_be_visible()
    await expect(again.locator("article", has_text="menunggu")).to_have_count(2)
    assert await said() == ["mulai", "menunggu"]


async def test_the_next_person_of_a_browser_sends_nothing_of_the_last(
    page: Page, profile: BrowserContext, counter: Counter
) -> None:
    await begin(page)
    await page.route("**/chat/messages", lambda route: route.abort())
    await write(page, "rahasia")
    await expect(page.locator(".me .state", has_text="belum terkirim")).to_have_count(1)
    first = await who(profile)
    await page.close()

    fresh = await profile.new_page()
    await fresh.goto(f"{counter.url}?new")
    await expect(fresh.get_by_role("button", name="Mulai")).to_be_visible()
    assert await who(profile) != first
    assert await fresh.locator("article").count() == 0
    assert await said() == ["mulai"]
    assert (
        await fresh.evaluate("Object.keys(localStorage).filter(k => k.startsWith('loket.queue')).length") == 0
    )


async def test_two_windows_of_one_person_show_the_same(
    page: Page, profile: BrowserContext, counter: Counter
) -> None:
    await begin(page)
    other = await profile.new_page()
    await other.goto(counter.url)
    await expect(other.locator("article")).to_have_count(2)
    await write(page, "halo")
    await expect(other.locator("article .words")).to_have_text(
        ["mulai", "Selamat datang. Bapak/Ibu perlu apa?", "halo", "Anda menulis: halo"]
    )


async def test_long_listings_keep_their_shape_and_nothing_scrolls_sideways(page: Page) -> None:
    await begin(page)
    await write(page, "/antrean")
    listing = page.locator(".words", has_text="Antrean: 20 permohonan")
    await expect(listing).to_be_visible()
    assert await listing.evaluate("e => getComputedStyle(e).whiteSpace") == "pre-wrap"
    await write(page, "x" * 300)
    await write(page, "/lihat")
    await expect(page.get_by_role("link", name="surat kehilangan.pdf")).to_be_visible()
    for selector in ("html", "body", "main"):
        wide, visible = await page.locator(selector).evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert wide <= visible, selector
    await expect(page.locator("article").last).to_be_in_viewport()


async def test_everything_can_be_named_and_hit(page: Page) -> None:
    """Every control has a name and 44 px; the log speaks politely; texts stand out from their ground."""
    await begin(page)
    controls = page.locator("button:visible, textarea:visible, a:visible, label.attach")
    for control in await controls.all():
        box = await control.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, await control.evaluate("e => e.outerHTML")
    assert await looks(page, "nameless") == []
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    assert await page.locator("html").get_attribute("lang") == "id"
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert await looks(page, "faint") == [], scheme


async def test_the_keyboard_reaches_everything_and_shows_where_it_is(page: Page) -> None:
    await begin(page)
    await page.get_by_role("button", name="Switch to English").focus()
    reached = []
    for _ in range(8):
        await page.keyboard.press("Tab")
        name, outline = await looks(page, "focused")
        reached.append(name)
        if name not in ("", "scroll", "body"):
            assert outline == "solid", name
        if name == "send":
            break
    assert {"KTP-el hilang", "Akta kelahiran", "Kartu keluarga", "files", "text", "send"} <= set(reached)


async def test_the_pages_own_words_can_be_english(page: Page) -> None:
    await page.get_by_role("button", name="Switch to English").click()
    await expect(page.get_by_text("All services are free")).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == "en"
    await page.reload()
    await expect(page.get_by_role("button", name="Start")).to_be_visible()


async def test_a_stream_that_breaks_misses_nothing(
    page: Page, profile: BrowserContext, counter: Counter
) -> None:
    """The server closes every stream; what is said meanwhile, by another window, comes with the next one."""
    await begin(page)
    contact_cookie = (await profile.cookies())[0]["value"]
    await page.route("**/chat/stream*", lambda route: route.abort())
    counter.chat.bell.close()
    await asyncio.sleep(0)
    posted = await profile.request.post(
        f"{counter.url}chat/messages",
        data=json.dumps({"id": "6f1e5bd2-0000-4000-8000-000000000001", "text": "dari jendela lain"}),
        headers={"Content-Type": "application/json", "Cookie": f"{cookie.NAME}={contact_cookie}"},
    )
    assert posted.status == 200
    await counter.lanes.settled()
    await page.unroute("**/chat/stream*")
    await expect(page.get_by_text("Anda menulis: dari jendela lain")).to_have_count(1)


def test_the_page_is_light_and_asks_nobody_else() -> None:
    folder = Path(cookie.__file__).parent / "page"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 40_000
    assert "http" not in (folder / "index.html").read_text()


async def said() -> list[str]:
    return [event.facts["text"] for event in await InboxEvent.all().order_by("id")]


async def who(profile: BrowserContext) -> str:
    return next(c["value"] for c in await profile.cookies() if c["name"] == cookie.NAME)


async def test_words_that_answer_a_tap_stand_over_the_conversation(page: Page) -> None:
    await write(page, "/salin")
    await page.get_by_role("button", name="Penting").click()
    toast = page.locator("#toast")
    await expect(toast).to_contain_text("Nomor <12> & salinannya")
    await expect(page.locator(".office").last).to_contain_text("Salin nomor?")
    await toast.get_by_role("button", name="OK").click()
    await expect(toast).to_be_hidden()
    await page.get_by_role("button", name="Cepat").click()
    await expect(toast).to_contain_text("salinannya")
    await expect(toast.get_by_role("button", name="OK")).to_be_hidden()
    await expect(toast).to_be_hidden(timeout=8000)  # by itself, once it can be read
