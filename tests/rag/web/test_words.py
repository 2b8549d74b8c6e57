from __future__ import annotations

import pytest

from tests.rag.web.conftest import Visit

# Text colours and what they stand on.
PAIRS = [
    ("ink", "paper"), ("ink", "raised"), ("ink", "sunken"), ("ink", "tint"), ("ink", "mark"), ("soft", "paper"),
    ("soft", "raised"), ("soft", "sunken"), ("accent", "paper"), ("accent", "raised"), ("accent", "tint"),
    ("on-accent", "accent"), ("bad", "paper"), ("bad", "bad-tint"),
]  # fmt: skip
# Gives the ratio of the luminances of two colours as WCAG 2 defines it.
CONTRAST = """
([front, back]) => {
  const probe = document.body.appendChild(document.createElement("i"));
  const luminance = (name) => {
    probe.style.color = `var(--${name})`;
    const [r, g, b] = getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [low, high] = [luminance(front), luminance(back)].sort((a, b) => a - b);
  probe.remove();
  return (high + 0.05) / (low + 0.05);
}
"""


def test_both_languages_have_the_same_words_with_the_same_blanks(visit: Visit) -> None:
    page = visit("settings")
    blanks = """async (language) => {
      const { words } = await import(`/web/words_${language}.js`);
      const text = (entry) => typeof entry === "string" ? entry : entry.other;
      const blanks = (entry) => (text(entry).match(/{\\w+}/g) ?? []).sort();
      return Object.fromEntries(Object.entries(words).map(([name, entry]) => [name, blanks(entry)]));
    }"""
    assert page.evaluate(blanks, "en") == page.evaluate(blanks, "zh")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_has_the_contrast_that_wcag_aa_asks_for(visit: Visit, dark: bool) -> None:
    page = visit("settings", dark=dark)
    low = {pair: ratio for pair in PAIRS if (ratio := page.evaluate(CONTRAST, list(pair))) < 4.5}
    assert low == {}
    assert page.evaluate(CONTRAST, ["edge", "raised"]) >= 3
