"""Draws SVG by hand: bars, curves over percentiles, curves over connections. Readable on light and dark pages."""

import html
import math

WIDTH_OF_NAMES = 206
STYLE = """
svg { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
.title { font-size: 24px; font-weight: 700; fill: #111827; }
.subtitle { font-size: 13px; fill: #6b7280; }
.panel { font-size: 16px; font-weight: 600; fill: #111827; }
.name { font-size: 13px; fill: #374151; text-anchor: end; }
.value { font-size: 12px; fill: #374151; stroke: #ffffff; stroke-width: 3px; paint-order: stroke; }
.strong { font-weight: 700; fill: #111827; }
.axis { font-size: 11px; fill: #6b7280; }
.grid { stroke: #e5e7eb; stroke-width: 1; }
.track { fill: #f3f4f6; }
.mark { stroke: #6b7280; stroke-width: 1; stroke-dasharray: 2 2; fill: none; }
"""


class Drawing:
    """Grows downwards as things are added."""

    def __init__(self, width):
        self.width = width
        self.height = 24
        self.parts = []

    def svg(self):
        height = round(self.height + 24)
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height}" width="{self.width}" '
            f'height="{height}" role="img">',
            f"<style>{STYLE}</style>",
            f'<rect width="{self.width}" height="{height}" rx="12" fill="#ffffff"/>',
            *self.parts, "</svg>", "",
        ])

    def title(self, text, subtitle):
        self._text(32, self.height + 26, text, "title")
        self._text(32, self.height + 50, subtitle, "subtitle")
        self.height += 76

    def panel_title(self, text):
        self._text(32, self.height + 16, text, "panel")
        self.height += 28

    def gap(self, height):
        self.height += height

    def note(self, text):
        self._text(32, self.height + 14, text, "subtitle")
        self.height += 24

    def tracks(self, row_count, left, right):
        """The ground of the bar rows to come, and a dashed line down each side at a share of its width, or None."""
        room = (self.width - WIDTH_OF_NAMES - 32) / 2
        for number, share in enumerate([left, right]):
            start, full = WIDTH_OF_NAMES + number * room, room - 105
            for row in range(row_count):
                top = self.height + 2 + row * 20
                self._add(f'<rect x="{start}" y="{top}" width="{full:.1f}" height="14" rx="3" class="track"/>')
            if share is not None:
                self._add(f'<path d="M{start + full * share:.1f} {self.height} v{row_count * 20 - 2}" class="mark"/>')

    def bar_row(self, name, color, left, right, is_strong=False):
        """Two bars: each a share of the full width, a label, and whether the bar is cut."""
        weight = " strong" if is_strong else ""
        middle = self.height + 9
        self._text(WIDTH_OF_NAMES - 10, middle + 5, name, "name" + weight)
        room = (self.width - WIDTH_OF_NAMES - 32) / 2
        for number, (share, label, is_cut) in enumerate([left, right]):
            start, full = WIDTH_OF_NAMES + number * room, room - 105
            length = max(2, full * share)
            self._add(f'<rect x="{start}" y="{middle - 7}" width="{length:.1f}" height="14" rx="3" fill="{color}"/>')
            if is_cut:
                left_edge = start + length - 26
                self._add(f'<path d="M{left_edge:.1f} {middle + 8} l6 -16 h5 l-6 16 z" fill="#ffffff"/>')
            self._text(start + length + 7, middle + 4, label, "value" + weight)
        self.height += 20

    def percentile_panel(self, name, lines, colors):
        """Percentages on an axis that gives every nine the same room, milliseconds on a logarithmic one."""
        ticks = [50, 75, 90, 95, 99, 99.5, 99.9, 99.99]
        lines = {server: [point for point in points if 50 <= point[0] <= 99.99] for server, points in lines.items()}
        ends = sorted(points[-1][1] for points in lines.values())
        # One that is far slower would flatten all others: it is named below instead.
        limit = 20 * ends[len(ends) // 2]
        off_scale = {server: points[-1][1] for server, points in lines.items() if points[-1][1] > limit}
        lines = {server: points for server, points in lines.items() if server not in off_scale}
        values = [value for points in lines.values() for _, value in points if value > 0]

        def across(percent):
            return -math.log10(1 - percent / 100)

        self._panel(
            name, lines, colors,
            horizontal=(across, across(50), across(99.99), [(tick, f"{tick:g} %") for tick in ticks]),
            bottom=min(values), top=max(values), unit="ms", has_dots=False)
        for server, value in off_scale.items():
            self.note(f"Above the scale: {server}, {value:,.0f} ms at its highest percentile.")
        self.gap(10 if off_scale else 0)

    def scaling_panel(self, name, lines, colors):
        ticks = [1, 64, 256, 500, 1000, 4000]
        values = [value for points in lines.values() for _, value in points if value > 0]
        if not values:
            return
        self._panel(
            name, lines, colors, horizontal=(math.log10, 0, math.log10(4000), [(tick, f"{tick:,}") for tick in ticks]),
            bottom=min(values), top=max(values), unit="", has_dots=True)

    def _panel(self, name, lines, colors, horizontal, bottom, top, unit, has_dots):
        position, least, most, ticks = horizontal
        left, right, height = 90, self.width - 210, 300
        self.panel_title(name)
        base = self.height + height
        low, high = math.log10(bottom) - 0.05, math.log10(top) + 0.05

        def x(value):
            return left + (position(value) - least) / (most - least) * (right - left)

        def y(value):
            return base - (math.log10(max(value, bottom)) - low) / (high - low) * height

        for tick, label in ticks:
            self._add(f'<path d="M{x(tick):.1f} {base} v{-height}" class="grid"/>')
            self._text(x(tick), base + 16, label, "axis", "middle")
        for exponent in range(math.floor(low), math.ceil(high) + 1):
            for step in (1, 2, 5):
                value = step * 10.0**exponent
                if low <= math.log10(value) <= high:
                    self._add(f'<path d="M{left} {y(value):.1f} H{right}" class="grid"/>')
                    self._text(left - 8, y(value) + 4, f"{value:g} {unit}".strip(), "axis", "end")
        ends = sorted((y(points[-1][1]), server) for server, points in lines.items())
        # The own line is drawn last, over the others.
        for server, points in sorted(lines.items(), key=lambda item: item[0] == "HyperServe"):
            path = " L".join(f"{x(at):.1f} {y(value):.1f}" for at, value in points)
            thickness = 3.5 if server == "HyperServe" else 2
            self._add(f'<path d="M{path}" fill="none" stroke="{colors[server]}" stroke-width="{thickness}" '
                      'stroke-linejoin="round" stroke-linecap="round"/>')
            for at, value in points if has_dots else []:
                self._add(f'<circle cx="{x(at):.1f}" cy="{y(value):.1f}" r="{thickness}" fill="{colors[server]}"/>')
        self._names_at_ends(ends, right, base, colors)
        self.height = base + 44

    def _names_at_ends(self, ends, right, base, colors):
        """Each name beside its line's end, moved apart where lines end close together."""
        places = []
        for place, _ in ends:
            places.append(max(place, places[-1] + 15) if places else place)
        overflow = max(0, places[-1] - base)
        # Moved up again from below, where they would leave the panel.
        for index in range(len(places) - 1, -1, -1):
            limit = base if index == len(places) - 1 else places[index + 1] - 15
            places[index] = min(places[index], limit) if overflow else places[index]
        for (line, server), place in zip(ends, places):
            weight = " strong" if server == "HyperServe" else ""
            self._add(f'<path d="M{right + 4} {line:.1f} L{right + 18} {place:.1f}" stroke="{colors[server]}" '
                      'fill="none"/>')
            self._text(right + 23, place + 4, server, "value" + weight)

    def _text(self, x, y, text, style, anchor=None):
        anchored = f' style="text-anchor:{anchor}"' if anchor else ""
        self._add(f'<text x="{x:.1f}" y="{y:.1f}" class="{style}"{anchored}>{html.escape(text)}</text>')

    def _add(self, part):
        self.parts.append(part)
