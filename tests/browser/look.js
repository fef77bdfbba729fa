// What a page looks like to those who cannot see it well; each function returns what is wrong.
const look = {
  nameless: () =>
    [...document.querySelectorAll("button, textarea, input")]
      .filter((e) => !(e.textContent.trim() || e.getAttribute("aria-label") || e.labels?.[0]?.textContent.trim()))
      .map((e) => e.outerHTML),

  /** Texts under 4.5 : 1 against their ground; WCAG 2.2, 1.4.3. */
  faint: () => {
    const rgba = (colour) => colour.match(/[\d.]+/g).map(Number);
    const linear = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const ground = (e) => {
      for (; e; e = e.parentElement) {
        const colour = rgba(getComputedStyle(e).backgroundColor);
        if ((colour[3] ?? 1) === 1) return colour;
      }
      return [255, 255, 255];
    };
    const texts = "h1, p, .words, time, .state, .choice, .day, button, label span, textarea";
    return [...document.querySelectorAll(texts)]
      .filter((e) => e.checkVisibility() && (e.textContent.trim() || e.placeholder))
      .map((e) => {
        const a = light(rgba(getComputedStyle(e).color)), b = light(ground(e));
        return [e.tagName, e.className, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
      })
      .filter(([, , ratio]) => ratio < 4.5);
  },

  /** What has the focus: its name, and whether that shows. */
  focused: () => {
    const e = document.activeElement, drawn = e.matches("input[type=file]") ? e.parentElement : e;
    return [e.id || e.innerText, getComputedStyle(drawn).outlineStyle];
  },
};
