"""The style sheet of an audit's report, for light and dark screens and for paper."""

STYLE = """
:root { color-scheme: light dark; --page: #f7f7f5; --card: #ffffff; --ink: #1c1d1f;
  --soft: #5e6268; --line: #dfe0dc; --right: #1f6fb5; --wrong: #d9691e; --good: #17714a;
  --bad: #b3261e; --goodback: #e3f3ea; --badback: #fbe7e4; }
@media (prefers-color-scheme: dark) { :root { --page: #15171a; --card: #1e2125; --ink: #e9eaec;
  --soft: #a2a8b0; --line: #343940; --right: #6db3f2; --wrong: #f2994a; --good: #7fd6a8;
  --bad: #ff9c92; --goodback: #17342a; --badback: #43211e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
main { max-width: 1060px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 40px 0 4px; }
h3 { font-size: 15px; margin: 20px 0 8px; }
p { margin: 4px 0 12px; max-width: 78ch; }
.soft, figcaption, .chance { color: var(--soft); }
.soft { font-size: 14px; }
code { font: 13px/1.4 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.verdict { border-radius: 10px; padding: 16px 20px; margin: 20px 0; }
.verdict.healthy { background: var(--goodback); border-left: 6px solid var(--good); }
.verdict.flagged { background: var(--badback); border-left: 6px solid var(--bad); }
.verdict strong { font-size: 20px; }
.verdict.healthy strong { color: var(--good); }
.verdict.flagged strong { color: var(--bad); }
.verdict ul { margin: 8px 0 0; padding-left: 20px; }
.verdict p { margin: 6px 0 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; }
.card, .panel { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.card { padding: 14px 16px; }
.card b { display: block; font-size: 28px; line-height: 1.2; font-variant-numeric: tabular-nums; }
.card .name { font-size: 14px; font-weight: 600; }
.card .chance { font-size: 13px; line-height: 1.4; }
.panel { padding: 14px 16px; overflow-x: auto; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 12px; }
.pictures { display: grid; grid-template-columns: repeat(6, 1fr); gap: 8px; }
@media (max-width: 720px) { .pictures { grid-template-columns: repeat(3, 1fr); } }
figure { margin: 0; }
figure img { width: 100%; display: block; border-radius: 6px; border: 3px solid transparent; }
.is-right img { border-color: var(--right); }
.is-wrong img { border-color: var(--wrong); }
figcaption { font-size: 12.5px; line-height: 1.35; padding-top: 4px;
  font-variant-numeric: tabular-nums; }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--soft); font-size: 11px; font-family: inherit; }
svg text.name { fill: var(--ink); font-size: 12px; }
svg .grid { stroke: var(--line); stroke-width: 1; }
circle.right { fill: var(--right); fill-opacity: .8; }
circle.wrong { fill: var(--wrong); fill-opacity: .35; }
circle.dot { fill: var(--right); }
circle.used { fill: var(--card); stroke: var(--right); stroke-width: 3; }
polyline { fill: none; }
polyline.thin { stroke: var(--right); stroke-width: 1.2; stroke-opacity: .45; }
polyline.bold { stroke: var(--right); stroke-width: 3; }
table { border-collapse: collapse; width: 100%; font-size: 14px;
  font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 13px; }
th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
td.number, th.number { text-align: right; white-space: nowrap; }
tr.used td { font-weight: 650; }
td.text { overflow-wrap: anywhere; min-width: 180px; }
.bar { display: inline-block; width: 130px; height: 10px; border-radius: 5px;
  background: var(--line); overflow: hidden; }
.fill { display: block; height: 100%; background: var(--right); }
.fill.loud { background: var(--wrong); }
.key::before { content: ""; display: inline-block; width: 10px; height: 10px; border-radius: 5px;
  margin-right: 5px; background: var(--right); }
.key.wrong::before { background: var(--wrong); }
.key { margin-right: 14px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; font-size: 14px; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
"""
