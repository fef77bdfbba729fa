// The page for papers: photos made smaller, sent in pieces (tus 1.0); what has arrived is never sent again.
"use strict";
(() => {
  const papers = document.getElementById("papers"), words = papers.dataset;
  const here = location.pathname.replace(/\/$/, "");
  const SIDE = 2400, QUALITY = 0.85; // pixels of the longer side, and a JPEG whose small print can be read
  const PIECE = 256 * 1024, SILENT = 20000, SOON = 500, LATER = 30000; // bytes, milliseconds
  const TUS = { "Tus-Resumable": "1.0.0" };
  const SAID = { 413: "too_big", 429: "too_many", 503: "no_room", 507: "no_room" };
  let waiting = 0, queue = Promise.resolve();

  document.documentElement.classList.add("script");

  const pause = (time) => new Promise((done) => {
    setTimeout(done, time);
    addEventListener("online", done, { once: true });
  });

  class Refused extends Error {
    // `later`: milliseconds after which the office takes it; 0 where it does not say.
    constructor(status, later) { super(String(status)); this.status = status; this.later = 1000 * Number(later || 0); }
  }

  // Where an upload has begun: a page that was closed amid it goes on once the same file is chosen again.
  const begun = {
    get(name) { try { return sessionStorage.getItem(name); } catch { return null; } },
    set(name, url) { try { sessionStorage.setItem(name, url); } catch { /* it begins anew then */ } },
    drop(name) { try { sessionStorage.removeItem(name); } catch { /* nothing was kept */ } },
  };

  function show(line, state, text, alarm) {
    const said = line.querySelector(".state"), pick = line.querySelector(".pick");
    line.dataset.state = state;
    if (pick && (state === "received" || state === "back")) pick.textContent = words.again;
    said.setAttribute("role", alarm ? "alert" : "status");
    if (said.innerHTML !== text) said.innerHTML = text; // sentences of our own, escaped by the server
  }

  async function smaller(file) {
    if (!/^image\//.test(file.type)) return file;
    try {
      const photo = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, SIDE / Math.max(photo.width, photo.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(photo.width * scale);
      canvas.height = Math.round(photo.height * scale);
      const brush = canvas.getContext("2d");
      brush.fillStyle = "#fff";
      brush.fillRect(0, 0, canvas.width, canvas.height);
      brush.imageSmoothingQuality = "high";
      brush.drawImage(photo, 0, 0, canvas.width, canvas.height);
      photo.close();
      const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
      return made && made.size < file.size ? made : file;
    } catch {
      return file; // a kind that this browser cannot open: the office can
    }
  }

  const asked = (url, method, headers) =>
    fetch(url, { method, headers: { ...TUS, ...headers }, signal: AbortSignal.timeout(SILENT) });

  async function begin(slot, size) {
    const metadata = "slot " + btoa(slot);
    const made = await asked(here + "/uploads", "POST", { "Upload-Length": size, "Upload-Metadata": metadata });
    if (made.status !== 201) throw new Refused(made.status, made.headers.get("Retry-After"));
    return made.headers.get("Location");
  }

  async function arrived(url) {
    const told = await asked(url, "HEAD");
    if (told.status !== 200) throw new Refused(told.status);
    return Number(told.headers.get("Upload-Offset"));
  }

  // Send what follows on `from`; gives how far it has come.  A line that says nothing for long is given up.
  const sendPiece = (url, body, from, moved) => new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    const giveUp = () => request.abort();
    let watch = setTimeout(giveUp, SILENT);
    const alive = () => { clearTimeout(watch); watch = setTimeout(giveUp, SILENT); };
    request.open("PATCH", url);
    for (const [name, value] of Object.entries(TUS)) request.setRequestHeader(name, value);
    request.setRequestHeader("Upload-Offset", from);
    request.setRequestHeader("Content-Type", "application/offset+octet-stream");
    request.upload.onprogress = (event) => { alive(); moved(from + event.loaded); };
    request.onloadend = () => {
      clearTimeout(watch);
      if (request.status === 204) done(Number(request.getResponseHeader("Upload-Offset")));
      else fail(new Refused(request.status, request.getResponseHeader("Retry-After")));
    };
    request.send(body.slice(from, from + PIECE));
  });

  async function upload(slot, body, name, moved, broken) {
    let url = begun.get(name), come = 0, wait = SOON, sure = !url;
    while (!url || come < body.size) {
      try {
        if (!url) { url = await begin(slot, body.size); begun.set(name, url); come = 0; }
        else if (!sure) come = await arrived(url);
        sure = true;
        moved(come);
        if (come < body.size) come = await sendPiece(url, body, come, moved);
        wait = SOON;
      } catch (problem) {
        const status = problem.status || 0;
        if (status === 404) url = null; // gone: from the beginning
        else if (problem.later) wait = problem.later; // too many calls from this address
        else if (status >= 400 && status < 500 && status !== 409) throw problem;
        else if (status === 507) throw problem;
        sure = false;
        broken();
        await pause(wait);
        wait = Math.min(wait * 2, LATER);
      }
    }
    begun.drop(name);
  }

  async function send(line, file) {
    const bar = line.querySelector("progress");
    show(line, "sending", words.preparing);
    const body = await smaller(file);
    if (body.size > Number(words.largest)) return show(line, "back", words.too_big, true);
    if (!body.size) return show(line, "back", words.failed, true);
    bar.hidden = false;
    const moved = (bytes) => {
      bar.value = Math.min(100, Math.round((100 * bytes) / body.size));
      show(line, "sending", words.sent.replace("{n}", bar.value));
    };
    try {
      const name = [here, line.dataset.slot, body.size, file.size, file.lastModified].join(" ");
      await upload(line.dataset.slot, body, name, moved, () => show(line, "sending", words.broken));
      show(line, "reading", words.reading);
      await look();
    } catch (problem) {
      if (problem.status === 410) await look();
      else show(line, "back", words[SAID[problem.status] || "failed"], true);
    } finally {
      bar.hidden = true;
    }
    return undefined;
  }

  // What became of the papers, asked until all have been looked at.
  async function look() {
    for (let tries = 0, wait = 700; tries < 40; tries += 1, wait = Math.min(wait * 1.3, 4000)) {
      try {
        const told = await fetch(here + "/papers", { signal: AbortSignal.timeout(SILENT) });
        if (told.status === 410) return over(await told.text());
        const now = await told.json();
        for (const line of papers.querySelectorAll("li")) {
          const is = now[line.dataset.slot];
          if (is && !line.dataset.busy) show(line, is.state, is.text, is.alert);
        }
        if (!Object.values(now).some((one) => one.state === "reading")) return undefined;
      } catch { /* the line: asked again */ }
      await pause(wait);
    }
    return undefined;
  }

  function over(answer) {
    const said = new DOMParser().parseFromString(answer, "text/html").querySelector("main");
    document.querySelector("main").replaceWith(said);
    said.tabIndex = -1;
    said.focus();
  }

  function busy(change) {
    waiting += change;
    document.querySelector("#finish button").disabled = waiting > 0;
  }

  papers.addEventListener("change", (event) => {
    const line = event.target.closest("li"), file = event.target.files && event.target.files[0];
    if (!line || !file || line.dataset.busy) return;
    line.dataset.busy = "1";
    event.target.disabled = true;
    show(line, "sending", words.waiting);
    busy(1);
    queue = queue.then(() => send(line, file)).finally(() => {
      delete line.dataset.busy;
      event.target.disabled = false;
      event.target.value = "";
      busy(-1);
      look();
    });
  });

  addEventListener("beforeunload", (event) => { if (waiting) event.preventDefault(); });
  if (papers.querySelector("[data-state=reading]")) look();
})();
