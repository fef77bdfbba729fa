"use strict";
/* The web chat. What the person says waits in localStorage, one entry a message, until the office has it:
   the same id goes out again after every failure, and the server keeps each id once. */

const WORDS = {
  id: {
    free: "Semua layanan gratis", welcome: "Selamat datang di loket daring.\nKetik pesan, atau tekan tombol ini untuk mulai.",
    begin: "Mulai", beginSays: "mulai", write: "Tulis pesan", send: "Kirim", attach: "Foto/PDF", older: "Lihat pesan sebelumnya", down: "Pesan baru ↓",
    sent: "terkirim", waiting: "belum terkirim", sending: "mengirim…", edited: "diubah", typing: "Petugas loket sedang menulis",
    today: "Hari ini", yesterday: "Kemarin", me: "Saya", again: "Kirim lagi", drop: "Hapus", photo: "Foto", file: "Berkas",
    offline: "Tidak ada jaringan. Pesan dikirim begitu tersambung lagi.", lost: "Sambungan terputus, menyambung lagi…",
    too_big: "Berkas lebih dari 15 MB. Kirim yang lebih kecil.", empty: "Berkas ini kosong.", too_many: "Terlalu banyak pesan sekaligus. Tunggu sebentar.",
    no_session: "Kuki peramban diblokir. Izinkan kuki, lalu muat ulang halaman.", unknown_choice: "Tombol ini sudah tidak berlaku.", refused: "Pesan ini tidak dapat diterima.",
    leave: "Berkas belum selesai dikirim.", kind: "Jenis berkas ini tidak dapat dikirim di sini. Kirim foto atau PDF.", other: "EN", otherLang: "en", otherLabel: "Switch to English", locale: "id-ID",
  },
  en: {
    free: "All services are free", welcome: "Welcome to the online counter.\nWrite a message, or press this button to begin.",
    begin: "Start", beginSays: "mulai", write: "Write a message", send: "Send", attach: "Photo/PDF", older: "Show earlier messages", down: "New message ↓",
    sent: "sent", waiting: "not sent yet", sending: "sending…", edited: "edited", typing: "The office is writing",
    today: "Today", yesterday: "Yesterday", me: "You", again: "Send again", drop: "Remove", photo: "Photo", file: "File",
    offline: "No network. Your message goes out as soon as you are connected.", lost: "Connection lost, reconnecting…",
    too_big: "The file is over 15 MB. Please send a smaller one.", empty: "This file is empty.", too_many: "Too many messages at once. Please wait a moment.",
    no_session: "Cookies are blocked. Allow cookies, then reload the page.", unknown_choice: "This button is no longer valid.", refused: "This message cannot be accepted.",
    leave: "A file is still being sent.", kind: "This kind of file cannot be sent here. Send a photo or a PDF.", other: "ID", otherLang: "id", otherLabel: "Ganti ke bahasa Indonesia", locale: "en-GB",
  },
};
const MAX_FILE = 15 * 1024 * 1024;
const TAKEN = /^image\/|^application\/pdf$|^text\/csv$|^application\/vnd\.(ms-excel|openxmlformats-officedocument\.spreadsheetml\.sheet)$/;
const QUEUE = "loket.queue.";
const $ = (id) => document.getElementById(id);
const log = $("log"), scroll = $("scroll"), text = $("text");

const shelf = { // localStorage, or memory where the browser refuses it
  memory: new Map(),
  get(key) { try { return localStorage.getItem(key); } catch { return this.memory.get(key) ?? null; } },
  set(key, value) { this.memory.set(key, value); try { localStorage.setItem(key, value); } catch { /* memory has it */ } },
  drop(key) { this.memory.delete(key); try { localStorage.removeItem(key); } catch { /* gone from memory */ } },
  keys() { try { return Object.keys(localStorage); } catch { return [...this.memory.keys()]; } },
};

let language = shelf.get("loket.language") === "en" ? "en" : "id";
let languageWords = {}; // what to say to be answered in a language, where the other side knows such words
const say = (word) => WORDS[language][word] ?? WORDS[language].refused;

function el(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16)); // plain http on a local network has no randomUUID
  b[6] = (b[6] & 15) | 64; b[8] = (b[8] & 63) | 128;
  return [...b].map((n, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + n.toString(16).padStart(2, "0")).join("");
}

// ---------------------------------------------------------------- the page's own words

function speak() {
  document.documentElement.lang = language;
  for (const [id, word] of [["free", "free"], ["welcome-text", "welcome"], ["begin", "begin"], ["attach-text", "attach"], ["text-label", "write"],
    ["send-text", "send"], ["older", "older"], ["down", "down"], ["typing-text", "typing"]]) $(id).textContent = say(word);
  text.placeholder = say("write");
  const toggle = $("language");
  toggle.textContent = say("other"); toggle.lang = say("otherLang"); toggle.setAttribute("aria-label", say("otherLabel"));
  for (const shown of log.querySelectorAll("article")) mark(shown);
  days(); connection();
}

// ---------------------------------------------------------------- lines

const shown = new Map(); // by id
const clock = (at) => new Date(at).toLocaleTimeString(say("locale"), { hour: "2-digit", minute: "2-digit" });

function draw(line) {
  const old = shown.get(line.id);
  if (line.removed) { old?.remove(); shown.delete(line.id); dress(); return null; }
  const made = el("article", { className: line.from });
  made.dataset.id = line.id; made.dataset.at = line.at; made.line = line;
  if (line.from === "me") made.append(el("span", { className: "unseen", textContent: say("me") + ": " }));
  const bubble = el("div", { className: "bubble" });
  if (line.files?.length) bubble.append(el("div", { className: "pictures" }, ...line.files.map((file) => drawFile(file, line))));
  if (line.local !== undefined) bubble.append(el("div", { className: "words", textContent: line.local }));
  else if (line.text) bubble.append(el("div", { className: "words", innerHTML: line.text })); // the server lets only b i u s code a through
  bubble.append(el("div", { className: "meta" }));
  made.append(bubble);
  if (line.choices?.length) made.append(drawChoices(line));
  if (old) old.replaceWith(made); else log.append(made);
  shown.set(line.id, made);
  mark(made); dress();
  return made;
}

function drawFile(file, line) {
  const name = file.name || (file.mime?.startsWith("image/") ? say("photo") : say("file"));
  const at = file.preview || (file.id && "/chat/files/" + encodeURIComponent(file.id)) || file.url;
  if (at && !file.url && /^image\/(jpeg|png|webp|gif)$/.test(file.mime)) {
    const picture = el("img", { src: at, alt: say("photo") + (file.name ? ": " + file.name : ""), loading: line.from === "me" ? "eager" : "lazy" });
    return file.preview ? picture : el("a", { href: at, target: "_blank", rel: "noopener" }, picture);
  }
  const kind = el("b", { textContent: file.mime === "application/pdf" ? "PDF" : say("file").toUpperCase() });
  const big = file.size >= 104858, amount = big ? (file.size / 1048576).toFixed(1) : Math.ceil(file.size / 1024);
  const size = file.size ? ` · ${Number(amount).toLocaleString(say("locale"))} ${big ? "MB" : "kB"}` : "";
  const label = el("span", { textContent: name + size });
  return at && !file.preview ? el("a", { className: "file", href: at, target: "_blank", rel: "noopener noreferrer nofollow" }, kind, label) : el("span", { className: "file" }, kind, label);
}

function drawChoices(line) {
  const row = el("div", { className: "choices" });
  for (const [label, data, url] of line.choices) {
    if (url) { row.append(el("a", { className: "choice", href: url, target: "_blank", rel: "noopener noreferrer nofollow", textContent: label + " ↗" })); continue; }
    const button = el("button", { type: "button", className: "choice", textContent: label });
    button.addEventListener("click", () => {
      if (button.classList.contains("taken") && Date.now() - button.tapped < 800) return; // one nervous finger
      button.tapped = Date.now(); button.classList.add("taken");
      post(data === null ? { text: label } : { tap: data, message_id: line.id, label }, label);
    });
    row.append(button);
  }
  return row;
}

/** Time, and how far one's own message has come. */
function mark(article) {
  const { line } = article, meta = article.querySelector(".meta");
  meta.replaceChildren();
  if (line.edited) meta.append(el("span", { textContent: say("edited") }));
  meta.append(el("time", { dateTime: line.at, textContent: clock(line.at) }));
  if (line.from !== "me") return;
  const state = line.state ?? "sent";
  article.classList.toggle("failed", state === "failed");
  meta.append(el("span", { className: "state", textContent: state === "failed" ? say(line.error) : (state === "sent" ? "✓ " : "") + say(state) }));
  article.querySelector(".again")?.remove();
  if (state === "failed") {
    const again = el("button", { type: "button", textContent: say("again") }), drop = el("button", { type: "button", textContent: say("drop") });
    again.addEventListener("click", () => { line.state = "waiting"; keep(line.id); mark(article); work(); });
    drop.addEventListener("click", () => { forget(line.id); article.remove(); shown.delete(line.id); dress(); text.focus(); });
    article.append(el("div", { className: "again" }, ...(["too_big", "empty", "kind", "unknown_choice"].includes(line.error) ? [drop] : [again, drop])));
  }
}

/** Only the last question's buttons look as if they wait. */
function dress() {
  const asked = [...log.querySelectorAll("article.office")];
  for (const article of asked) article.classList.remove("live");
  asked.at(-1)?.classList.add("live");
  $("welcome").hidden = !ready || shown.size > 0;
  days();
}

function days() {
  const today = new Date().toDateString(), yesterday = new Date(Date.now() - 864e5).toDateString();
  let last = "";
  for (const old of log.querySelectorAll(".day")) old.remove();
  for (const article of log.querySelectorAll("article")) {
    const at = new Date(article.dataset.at), day = at.toDateString();
    if (day !== last) {
      const named = day === today ? say("today") : day === yesterday ? say("yesterday") : at.toLocaleDateString(say("locale"), { day: "numeric", month: "long", year: "numeric" });
      article.before(el("div", { className: "day", textContent: named }));
    }
    last = day;
  }
}

let near = true, was = 0; // the reader is at the end, until they scroll up: pictures that grow do not count
const toEnd = () => { near = true; $("down").hidden = true; scroll.scrollTop = scroll.scrollHeight; };
scroll.addEventListener("scroll", () => {
  if (scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80) { near = true; $("down").hidden = true; }
  else if (scroll.scrollTop < was) near = false;
  was = scroll.scrollTop;
});
$("down").addEventListener("click", () => { toEnd(); scroll.focus(); });
const stick = new ResizeObserver(() => { if (near) toEnd(); });
stick.observe(scroll); stick.observe(log);

// ---------------------------------------------------------------- what the person says

const posts = new Map(); // by id, in order: {body} or {file}; bodies also lie in localStorage
let working = false, wait = 1000, timer = 0, who = null;

function keep(id) { const { body, at } = posts.get(id); if (body) shelf.set(QUEUE + id, JSON.stringify({ body, at, who })); }
function forget(id) { posts.delete(id); shelf.drop(QUEUE + id); }

function post(body, words) {
  const id = uuid(), at = new Date().toISOString();
  posts.set(id, { body: { id, ...body }, at });
  keep(id);
  draw({ id, from: "me", local: words, at, state: "waiting" });
  toEnd(); work();
}

function attach(files) {
  for (const file of files) {
    const id = uuid(), at = new Date().toISOString();
    const problem = file.type && !TAKEN.test(file.type) ? "kind" : file.size === 0 ? "empty" : file.size > MAX_FILE ? "too_big" : null;
    const preview = file.type.startsWith("image/") && !problem ? URL.createObjectURL(file) : undefined;
    if (!problem) posts.set(id, { file, at });
    draw({ id, from: "me", local: "", at, files: [{ id: null, mime: file.type, name: file.name, size: file.size, preview }], state: problem ? "failed" : "waiting", error: problem });
  }
  toEnd(); work();
}

/** Send what waits, one after the other and in order; what fails for want of a network stays in front. */
async function work() {
  if (working || who === null) return;
  working = true; clearTimeout(timer);
  try {
    for (;;) {
      const next = [...posts].find(([id]) => shown.get(id)?.line.state === "waiting" || !shown.has(id));
      if (!next) return;
      const [id, item] = next;
      set(id, "sending");
      const answer = await send(item, id);
      if (answer.ok) { forget(id); set(id, "sent"); wait = 1000; expect(); continue; }
      if (answer.later) {
        set(id, "waiting", answer.word);
        timer = setTimeout(work, answer.after ?? wait); wait = Math.min(wait * 2, 30000);
        return;
      }
      set(id, "failed", answer.word);
      shelf.drop(QUEUE + id);
    }
  } finally { working = false; }
}

function set(id, state, error) {
  const article = shown.get(id);
  if (!article) return;
  Object.assign(article.line, { state, error });
  if (state !== "sending") article.querySelector("progress")?.remove();
  mark(article);
}

async function send({ body, file }, id) {
  try {
    const answer = file ? await upload(file, id) : await fetch("/chat/messages", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    if (answer.status === 200) return { ok: true };
    if (answer.status === 429) { say429(); return { later: true, after: 5000, word: "too_many" }; }
    if (answer.status >= 500) return { later: true };
    const told = await answer.json().catch(() => ({}));
    return { word: answer.status === 413 ? "too_big" : told.error ?? "refused" };
  } catch { return { later: true }; }
}

/** XMLHttpRequest, since fetch tells nothing of an upload's progress. */
function upload(file, id) {
  return new Promise((resolve, reject) => {
    const form = new FormData(), request = new XMLHttpRequest();
    form.append("id", id); form.append("file", file, file.name);
    const bar = el("progress", { max: 1, value: 0 });
    bar.setAttribute("aria-label", say("sending"));
    shown.get(id)?.querySelector(".bubble").append(bar);
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
    request.addEventListener("load", () => resolve({ status: request.status, json: async () => JSON.parse(request.responseText) }));
    for (const trouble of ["error", "abort", "timeout"]) request.addEventListener(trouble, () => reject(new Error(trouble)));
    request.timeout = 300000;
    request.open("POST", "/chat/messages");
    request.send(form);
  });
}

let typingTimer = 0;
function expect() { $("typing").hidden = false; clearTimeout(typingTimer); typingTimer = setTimeout(() => { $("typing").hidden = true; }, 8000); if (near) toEnd(); }

/** What an earlier visit could not send.  What another person of this browser left behind goes nowhere. */
function recall() {
  const left = shelf.keys().filter((key) => key.startsWith(QUEUE)).map((key) => {
    try { return { id: key.slice(QUEUE.length), ...JSON.parse(shelf.get(key)) }; } catch { return { id: key.slice(QUEUE.length) }; }
  }).sort((a, b) => (a.at < b.at ? -1 : 1));
  for (const { id, body, at, who: whose } of left) {
    if (!body || (whose && whose !== who) || shown.has(id)) { shelf.drop(QUEUE + id); continue; }
    posts.set(id, { body, at });
    draw({ id, from: "me", local: body.label ?? body.text, at, state: "waiting" });
  }
}

// ---------------------------------------------------------------- what the office says

let source = null, cursor = "", lost = false, blocked = false, slow = false, ready = false, before = null, again = 0;

function connection() {
  const word = blocked ? "no_session" : !navigator.onLine ? "offline" : slow ? "too_many" : lost ? "lost" : null;
  $("line").hidden = !word;
  $("line").textContent = word ? say(word) : "";
}
function say429() { slow = true; connection(); setTimeout(() => { slow = false; connection(); }, 5000); }

function listen() {
  source?.close(); clearTimeout(again);
  source = new EventSource("/chat/stream?after=" + encodeURIComponent(cursor));
  source.addEventListener("open", () => { lost = false; connection(); work(); });
  source.addEventListener("line", (event) => { if (event.lastEventId) cursor = event.lastEventId; hear(JSON.parse(event.data)); });
  source.addEventListener("toast", (event) => { if (event.lastEventId) cursor = event.lastEventId; toast(JSON.parse(event.data)); });
  source.addEventListener("again", () => { source.close(); begin(true); });
  source.addEventListener("error", () => {
    setTimeout(() => { lost = source?.readyState !== EventSource.OPEN; connection(); }, 2500);
    if (source.readyState === EventSource.CLOSED) again = setTimeout(listen, 4000);
  });
}

let toastTimer = 0;
/** Words that answer a tap, over the conversation: for as long as they take to read, an alert until it is closed. */
function toast({ text: words, alert }) {
  $("typing").hidden = true;
  $("toast-text").textContent = words;
  $("toast-close").hidden = !alert; $("toast").hidden = false;
  clearTimeout(toastTimer);
  if (!alert) toastTimer = setTimeout(() => { $("toast").hidden = true; }, Math.max(4000, words.length * 90));
}
$("toast-close").addEventListener("click", () => { $("toast").hidden = true; text.focus(); });

function hear(line) {
  const known = shown.get(line.id);
  if (known && line.from === "me") {
    const { line: mine } = known;
    if (mine.local !== undefined) { // our own drawing stays: it has the preview, and the reader's eye on it
      if (posts.has(line.id) && mine.state !== "sending") forget(line.id);
      mine.at = known.dataset.at = line.at; // the office's clock, not this phone's
      if (posts.has(line.id)) mark(known); else set(line.id, "sent");
      return;
    }
  }
  if (line.from === "office") $("typing").hidden = true;
  const stay = near;
  draw(line);
  if (stay) toEnd(); else if (!known && !line.removed) $("down").hidden = false;
}

/** Read the conversation, then follow it; `anew` when more was missed than a stream carries. */
async function begin(anew = false) {
  try {
    const answer = await fetch("/chat/history", { headers: { Accept: "application/json" } });
    if (answer.status === 403) { blocked = true; connection(); return; }
    if (!answer.ok) throw new Error(String(answer.status));
    const page = await answer.json();
    if (anew) for (const [id, article] of shown) if (!posts.has(id)) { article.remove(); shown.delete(id); }
    ({ who, before, cursor } = page);
    for (const line of page.lines) draw(line);
    $("older").hidden = !before;
    ready = true; recall(); dress(); toEnd(); listen(); work();
  } catch { lost = true; connection(); again = setTimeout(() => begin(anew), 4000); }
}

$("older").addEventListener("click", async () => {
  $("older").disabled = true;
  try {
    const page = await (await fetch("/chat/history?before=" + encodeURIComponent(before))).json();
    const first = log.querySelector("article"), height = scroll.scrollHeight;
    for (const line of page.lines) if (!shown.has(line.id)) first.before(draw(line));
    before = page.before; $("older").hidden = !before;
    dress(); scroll.scrollTop += scroll.scrollHeight - height;
  } catch { connection(); } finally { $("older").disabled = false; }
});

// ---------------------------------------------------------------- hands

const grow = () => { text.style.height = "auto"; text.style.height = Math.min(text.scrollHeight + 2, 144) + "px"; };
text.addEventListener("input", grow);
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !matchMedia("(pointer: coarse)").matches) { event.preventDefault(); $("composer").requestSubmit(); }
});
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (words) post({ text: words }, words);
  text.value = ""; grow(); text.focus();
});
$("files").addEventListener("change", (event) => { attach([...event.target.files]); event.target.value = ""; });
const askForLanguage = () => { const words = languageWords[language]; if (words) post({ text: words }, words); };
$("begin").addEventListener("click", () => {
  if (language !== "id") askForLanguage(); // chosen by whoever sat here before; the conversation is a new person's
  post({ text: say("beginSays") }, say("beginSays"));
});
$("language").addEventListener("click", () => {
  language = say("otherLang"); shelf.set("loket.language", language); speak();
  askForLanguage();
});
addEventListener("online", () => { wait = 1000; connection(); work(); if (ready) listen(); });
addEventListener("offline", connection);
addEventListener("visibilitychange", () => { if (!document.hidden) { work(); if (ready && source?.readyState !== EventSource.OPEN) listen(); } });
addEventListener("beforeunload", (event) => { if ([...posts].some(([id, item]) => item.file && shown.get(id)?.line.state !== "failed")) event.preventDefault(); });

speak();
fetch("/chat/about").then((answer) => answer.json()).then(({ office, language_words }) => { $("office").textContent = office; document.title = office; languageWords = language_words; }).catch(() => {});
begin();
