/** The style sheet of all report pages: light and dark, screen and paper, no font from anywhere else. */

export const styleSheet = `
:root {
  color-scheme: light dark;
  --paper: #fbfbf9; --card: #ffffff; --ink: #1c1f22; --soft: #5c646b; --faint: #8b939a;
  --line: #e3e4df; --line-soft: #eeeeea; --well: #f1f1ec;
  --good: #14735a; --good-back: #e3f1ec; --defect: #b8321a; --defect-back: #fbe9e4;
  --unsure: #8a5d00; --unsure-back: #f8efd9; --failed: #5b5670; --failed-back: #ecebf2;
  --knock: #ffffff; --focus: #1f6feb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #141618; --card: #1b1e21; --ink: #e8e9e6; --soft: #a4abb1; --faint: #7d858c;
    --line: #2e3338; --line-soft: #262a2e; --well: #101214;
    --good: #5cc4a2; --good-back: #17322a; --defect: #ff8f78; --defect-back: #3d1e18;
    --unsure: #e3b450; --unsure-back: #362a10; --failed: #b3adcb; --failed-back: #2a2835;
    --knock: #16181a; --focus: #6ea8fe;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 4.5rem; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 "Inter", "Segoe UI", system-ui, -apple-system, "Helvetica Neue", "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%; }
main, .masthead, .foot { max-width: 1280px; margin: 0 auto; padding: 0 32px; }
.masthead { padding-top: 44px; }
.masthead .kind { margin: 0 0 6px; color: var(--soft); font-size: 13px; letter-spacing: .02em; }
.masthead .kind a { margin-left: 14px; }
h1 { margin: 0; font-size: 30px; line-height: 1.2; font-weight: 640; letter-spacing: -.015em; overflow-wrap: anywhere; }
h2 { margin: 64px 0 4px; font-size: 20px; font-weight: 620; letter-spacing: -.01em; }
h3 { margin: 32px 0 8px; font-size: 15px; font-weight: 620; }
p { margin: 0 0 12px; max-width: 72ch; }
p.note, .note { color: var(--soft); font-size: 14px; }
a { color: inherit; text-decoration-color: var(--faint); text-underline-offset: 3px; }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
.hidden { position: absolute; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.facts { display: flex; flex-wrap: wrap; gap: 4px 28px; margin: 14px 0 0; padding: 0; list-style: none; color: var(--soft); font-size: 14px; }
.facts b { color: var(--ink); font-weight: 560; }

.figures { display: flex; flex-wrap: wrap; gap: 20px 56px; margin: 36px 0 0; padding: 0; }
.figures div { min-width: 96px; }
.figures dt { color: var(--soft); font-size: 13px; }
.figures dd { margin: 0; font-size: 30px; line-height: 1.25; font-weight: 600; letter-spacing: -.02em; }
.figures dd small { display: block; font-size: 13px; font-weight: 400; letter-spacing: 0; color: var(--soft); }
.share-bar { display: flex; gap: 2px; height: 8px; margin: 28px 0 0; }
.share-bar span { min-width: 3px; border-radius: 2px; background: currentColor; }
.share-bar .good, .symbol.good { color: var(--good); } .share-bar .defect { color: var(--defect); }
.share-bar .unsure { color: var(--unsure); } .share-bar .failed { color: var(--failed); }

.badge { display: inline-flex; align-items: center; gap: 6px; padding: 2px 10px 2px 7px; border-radius: 99px; font-size: 13px; font-weight: 600; white-space: nowrap; }
.badge.good { color: var(--good); background: var(--good-back); } .badge.defect { color: var(--defect); background: var(--defect-back); }
.badge.unsure { color: var(--unsure); background: var(--unsure-back); } .badge.failed { color: var(--failed); background: var(--failed-back); }
.symbol { width: 14px; height: 14px; flex: none; }
.knock { fill: none; stroke: var(--knock); stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }

.tools { position: sticky; top: 0; z-index: 5; display: flex; flex-wrap: wrap; align-items: center; gap: 10px 16px; margin: 36px -32px 0; padding: 12px 32px; background: color-mix(in srgb, var(--paper) 94%, transparent); backdrop-filter: blur(6px); border-bottom: 1px solid var(--line); }
.tools[hidden] { display: none; }
.tools fieldset { display: flex; margin: 0; padding: 0; border: 0; }
.tools fieldset label { position: relative; cursor: pointer; }
.tools fieldset input { position: absolute; opacity: 0; inset: 0; margin: 0; cursor: pointer; }
.tools fieldset span { display: inline-flex; gap: 6px; align-items: center; padding: 5px 12px; border: 1px solid var(--line); margin-left: -1px; background: var(--card); font-size: 14px; }
.tools fieldset label:first-of-type span { border-radius: 6px 0 0 6px; margin-left: 0; } .tools fieldset label:last-of-type span { border-radius: 0 6px 6px 0; }
.tools fieldset input:checked + span { background: var(--ink); border-color: var(--ink); color: var(--paper); }
.tools fieldset input:checked + span .knock { stroke: var(--ink); }
.tools fieldset input:focus-visible + span { outline: 2px solid var(--focus); outline-offset: 2px; }
.tools fieldset i { font-style: normal; opacity: .65; }
.tools select, .tools input[type=search] { height: 34px; padding: 0 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--card); color: inherit; font: inherit; font-size: 14px; }
.tools input[type=search] { width: 190px; }
.tools .tick { display: inline-flex; gap: 6px; align-items: center; font-size: 14px; color: var(--soft); cursor: pointer; }
.tools output { margin-left: auto; color: var(--soft); font-size: 14px; }

.key { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 28px; margin: 20px 0 0; color: var(--soft); font-size: 13px; }
.key .swatch { display: inline-block; width: 28px; height: 14px; margin-right: 8px; vertical-align: -2px; border-radius: 3px; background: linear-gradient(#00e5ff, #00e5ff) center / 20px 2px no-repeat #33383d; }
.key .swatch.truth { background: repeating-linear-gradient(90deg, #ffd84a 0 5px, transparent 5px 8px) center / 21px 2px no-repeat #33383d; }
.legend text { font-size: 12px; fill: var(--soft); } .legend .frame { stroke: var(--faint); stroke-width: .8; } .legend .ground { fill: #777c80; } .legend .limit { stroke: var(--ink); stroke-width: 1.5; fill: none; }

.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 540px), 1fr)); gap: 24px; margin: 24px 0 0; padding: 0; list-style: none; }
.cards > li { display: flex; flex-direction: column; padding: 18px 20px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; content-visibility: auto; contain-intrinsic-size: auto 460px; break-inside: avoid; }
.cards > li[hidden] { display: none; }
.card-head { display: flex; align-items: center; gap: 12px; min-width: 0; margin-bottom: 14px; }
.card-head h3 { flex: 1; min-width: 0; margin: 0; font-size: 14px; font-weight: 560; overflow-wrap: anywhere; line-height: 1.35; }
.card-head h3 .path { color: var(--faint); font-weight: 400; }
.card-head .product { color: var(--soft); font-size: 13px; white-space: nowrap; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 10px; }
.picture { position: relative; display: block; margin: 0; background: var(--well); border-radius: 5px; overflow: hidden; }
.picture img, .picture svg { display: block; position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; }
.picture .region { fill: none; stroke: #00e5ff; stroke-width: 1.6; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.picture .halo { fill: none; stroke: #000; stroke-opacity: .6; stroke-width: 3.6; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.picture .truth { fill: none; stroke: #ffd84a; stroke-width: 1.8; stroke-dasharray: 5 3; vector-effect: non-scaling-stroke; }
.picture .zone { fill: none; stroke: #fff; stroke-opacity: .6; stroke-width: 1.2; vector-effect: non-scaling-stroke; }
.no-outline .picture .region, .no-outline .picture .halo, .no-outline .picture .truth { display: none; }
.pair figcaption { margin-top: 5px; color: var(--faint); font-size: 12px; }
.pair figure { margin: 0; min-width: 0; }
.score { display: grid; grid-template-columns: 1fr auto; gap: 2px 16px; align-items: center; margin-top: 12px; font-size: 14px; }
.score .numbers { color: var(--soft); white-space: nowrap; } .score .numbers b { color: var(--ink); font-weight: 620; font-size: 15px; }
.bar { display: block; width: 100%; height: 16px; }
.bar .track { fill: var(--line); } .bar .fill { fill: var(--good); } .bar.above .fill { fill: var(--defect); } .bar.between .fill { fill: var(--unsure); }
.bar .limit { stroke: var(--ink); stroke-width: 1.5; vector-effect: non-scaling-stroke; } .bar .mark { stroke: var(--good); stroke-width: 3; vector-effect: non-scaling-stroke; } .bar.above .mark { stroke: var(--defect); } .bar.between .mark { stroke: var(--unsure); }
.bar .band { fill: var(--unsure); opacity: .3; }
.problem { margin: 0; padding: 14px 16px; border-radius: 6px; background: var(--failed-back); color: var(--ink); font-size: 14px; overflow-wrap: anywhere; }
.problem small { display: block; margin-top: 4px; color: var(--soft); font-size: 13px; }

table { border-collapse: collapse; font-size: 14px; }
caption { text-align: left; color: var(--soft); font-size: 13px; padding-bottom: 6px; }
th { font-weight: 560; text-align: left; }
th, td { padding: 7px 0 7px 28px; white-space: nowrap; border-bottom: 1px solid var(--line-soft); }
th:first-child, td:first-child { padding-left: 0; }
td, th.number { text-align: right; } td.text { text-align: left; }
thead th { color: var(--soft); font-size: 13px; border-bottom-color: var(--line); vertical-align: bottom; }
thead .group { text-align: center; padding-bottom: 2px; border-bottom: 0; padding-left: 28px; color: var(--faint); font-weight: 400; }
tbody th { font-weight: 480; } tr.mean th, tr.mean td { font-weight: 640; border-bottom: 0; border-top: 1px solid var(--line); }
tr.mean + tr td { border-top: 0; }
.scroll { overflow-x: auto; margin-top: 16px; } .scroll + .note { margin-top: 12px; } .note + .note { margin-top: -8px; }
td.best { font-weight: 640; } td.missing { color: var(--faint); }
details { margin-top: 10px; font-size: 14px; }
summary { color: var(--soft); cursor: pointer; width: max-content; max-width: 100%; }
.regions { width: 100%; margin-top: 6px; font-size: 13px; } .regions th, .regions td { padding: 4px 0 4px 12px; } .regions th:first-child, .regions td:first-child { padding-left: 0; text-align: left; }
.regions td { color: var(--soft); } .regions td:last-child { color: var(--ink); }

thead .corner { border-bottom: 0; }
.plots { max-width: 940px; display: grid; grid-template-columns: minmax(0, 640fr) minmax(0, 250fr); gap: 40px; align-items: start; margin-top: 16px; }
.plots.curves { grid-template-columns: repeat(3, minmax(0, 250px)); gap: 28px 40px; align-items: end; }
.chart { display: block; width: 100%; height: auto; font-size: 12px; overflow: visible; }
.chart text { fill: var(--soft); } .chart text.tick { font-size: 11.5px; } .chart text.side { fill: var(--ink); }
.chart rect.good { fill: var(--good); } .chart rect.defect { fill: var(--defect); }
.chart .axis { stroke: var(--faint); } .chart .faint, .chart .grid { stroke: var(--line); } .chart line.tick { stroke: var(--faint); }
.chart line.limit { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 5 3; } .chart text.limit { fill: var(--ink); font-weight: 560; }
.chart .curve { fill: none; stroke: var(--ink); stroke-width: 1.8; stroke-linejoin: round; } .chart .area { fill: var(--ink); opacity: .05; } .chart .diagonal { stroke: var(--line); fill: none; }
.chart .here { fill: var(--card); stroke: var(--defect); stroke-width: 2.4; }
.chart.strip { max-width: 900px; min-width: 560px; } .chart .dot { fill: var(--ink); opacity: .55; } .chart .mean { stroke: var(--defect); stroke-width: 2; }
.product-section { margin-top: 56px; padding-top: 8px; border-top: 1px solid var(--line); }
.product-section h2 { margin-top: 24px; }
.worst { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 24px 20px; margin: 14px 0 0; padding: 0; list-style: none; }
.worst li { break-inside: avoid; min-width: 0; }
.worst .line { display: flex; gap: 10px; align-items: baseline; margin-top: 8px; font-size: 13px; }
.worst .line .name { flex: 1; min-width: 0; overflow-wrap: anywhere; color: var(--soft); }
.protocol { margin: 12px 0 0; padding: 0; max-width: 76ch; }
.protocol dt { font-weight: 560; margin-top: 14px; } .protocol dd { margin: 2px 0 0; color: var(--soft); }
.empty { padding: 48px 0; color: var(--soft); }
.foot { margin-top: 72px; padding-top: 18px; padding-bottom: 40px; color: var(--faint); font-size: 13px; }
@media (max-width: 820px) { main, .masthead, .foot { padding-left: 18px; padding-right: 18px; } .tools { margin-left: -18px; margin-right: -18px; padding-left: 18px; padding-right: 18px; } .plots, .plots.curves { grid-template-columns: 1fr; } .chart.square { max-width: 320px; } }
@media print {
  body { background: #fff; font-size: 11px; } .tools, .foot a { display: none; } .cards { grid-template-columns: 1fr 1fr; gap: 10px; } .cards > li { content-visibility: visible; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
`
