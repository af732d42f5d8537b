"""Draws what was sampled, as an SVG that can be looked at in a browser."""

WIDTH, HEIGHT, MARGIN, GAP = 760, 130, 60, 34
COLOURS = ("#1f6feb", "#8250df", "#1a7f37", "#bf8700")


def _line(values, times, top, colour, most):
    """A point for every two of the width, which is the highest there."""
    step = max(1, 2 * len(values) // WIDTH)
    points = " ".join(f"{MARGIN + WIDTH * times[at] / times[-1]:.1f},"
                      f"{top + HEIGHT * (1 - max(values[at:at + step]) / most):.1f}"
                      for at in range(0, len(values), step))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def _text(x, y, text, colour="#57606a", anchor="start"):
    return f'<text x="{x}" y="{y}" fill="{colour}" text-anchor="{anchor}">{text}</text>'


def _panel(top, times, series):
    """One picture of several curves, which share a scale that begins at 0."""
    most = 1.1 * max(max(values) for values in series.values()) or 1
    parts = [f'<rect x="{MARGIN}" y="{top}" width="{WIDTH}" height="{HEIGHT}" fill="#ffffff" '
             'stroke="#d0d7de"/>',
             _text(MARGIN - 8, top + 10, f"{most:.0f}", anchor="end"),
             _text(MARGIN - 8, top + HEIGHT, "0", anchor="end")]
    for number, (name, values) in enumerate(series.items()):
        parts.append(_line(values, times, top, COLOURS[number], most))
        parts.append(_text(MARGIN + 8 + 190 * number, top - 6, name, COLOURS[number]))
    return parts


def draw(times, panels):
    """`panels`: one for each picture, name to values at those times (seconds)."""
    height = GAP + len(panels) * (HEIGHT + GAP)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {MARGIN + WIDTH + 20} {height}" '
             'font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="#ffffff"/>']
    for number, series in enumerate(panels):
        parts += _panel(GAP + number * (HEIGHT + GAP), times, series)
    parts.append(_text(MARGIN + WIDTH, height - 12, f"{times[-1] / 60:.0f} minutes", anchor="end"))
    return "\n".join([*parts, "</svg>", ""])
