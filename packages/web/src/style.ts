/** The style of both elements: the colours of the reports, light and dark, and room for narrow places. */

export const styleSheet = `
:host {
  color-scheme: light dark; display: block; container-type: inline-size;
  --paper: light-dark(#fbfbf9, #141618); --card: light-dark(#ffffff, #1b1e21);
  --ink: light-dark(#1c1f22, #e8e9e6); --soft: light-dark(#5c646b, #a4abb1); --faint: light-dark(#8b939a, #7d858c);
  --line: light-dark(#e3e4df, #2e3338); --line-soft: light-dark(#eeeeea, #262a2e); --well: light-dark(#f1f1ec, #101214);
  --good: light-dark(#14735a, #5cc4a2); --good-back: light-dark(#e3f1ec, #17322a);
  --defect: light-dark(#b8321a, #ff8f78); --defect-back: light-dark(#fbe9e4, #3d1e18);
  --unsure: light-dark(#8a5d00, #e3b450); --unsure-back: light-dark(#f8efd9, #362a10);
  --failed: light-dark(#5b5670, #b3adcb); --failed-back: light-dark(#ecebf2, #2a2835);
  --knock: light-dark(#ffffff, #16181a); --focus: light-dark(#1f6feb, #6ea8fe);
  color: var(--ink); font: 15px/1.5 "Inter", "Segoe UI", system-ui, -apple-system, "Helvetica Neue", "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
p, h2, h3, ol, dl, dd, figure { margin: 0; padding: 0; }
h2 { font-size: 15px; font-weight: 620; } h3 { font-size: 13px; font-weight: 560; color: var(--soft); }
ol { list-style: none; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.hidden { position: absolute; }

.frame { position: relative; border: 1px solid var(--line); border-radius: 12px; background: var(--card); overflow: hidden; }
.head { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 20px; padding: 12px 16px; border-bottom: 1px solid var(--line); }
.head .what { flex: 1 1 200px; min-width: 0; }
.head .what b { display: block; font-weight: 620; overflow-wrap: anywhere; line-height: 1.3; }
.head .what span { color: var(--soft); font-size: 13px; }
.actions { display: flex; flex-wrap: wrap; gap: 8px; }
button, .button { display: inline-flex; align-items: center; gap: 6px; min-height: 34px; padding: 4px 14px; border: 1px solid var(--line); border-radius: 7px; background: var(--card); color: inherit; font: inherit; font-size: 14px; cursor: pointer; }
button:hover, .button:hover { border-color: var(--faint); }
button:disabled, .button:has(input:disabled) { opacity: .45; cursor: default; }
.button { position: relative; } .button input { position: absolute; inset: 0; opacity: 0; cursor: inherit; font-size: 0; }
.button:has(:focus-visible) { outline: 2px solid var(--focus); outline-offset: 2px; }
.primary { background: var(--ink); border-color: var(--ink); color: var(--paper); }
select, input[type=text] { min-height: 34px; padding: 2px 10px; border: 1px solid var(--line); border-radius: 7px; background: var(--card); color: inherit; font: inherit; font-size: 14px; }

.problem { display: flex; gap: 12px; align-items: start; padding: 12px 16px; background: var(--defect-back); border-bottom: 1px solid var(--line); font-size: 14px; overflow-wrap: anywhere; }
.problem div { flex: 1; } .problem small { display: block; color: var(--soft); font-size: 13px; }
.problem button { min-height: 26px; padding: 0 10px; }
.note { background: var(--unsure-back); }
.busy { height: 3px; background: var(--line-soft); overflow: hidden; }
.busy i { display: block; height: 100%; width: 100%; background: var(--focus); transform-origin: left; }
.busy.unknown i { width: 30%; animation: slide 1.2s infinite ease-in-out; }
@keyframes slide { from { translate: -100%; } to { translate: 340%; } }
@media (prefers-reduced-motion: reduce) { .busy.unknown i { animation: none; width: 100%; opacity: .5; } }

.body { display: grid; grid-template-columns: minmax(0, 1fr) 300px; min-height: 380px; }
@container (max-width: 720px) { .body { grid-template-columns: minmax(0, 1fr); } .side { border-left: 0 !important; border-top: 1px solid var(--line); } }
.stage { position: relative; display: grid; place-items: center; min-height: 300px; padding: 16px; background: var(--well); }
.layers { position: relative; display: block; width: min(100%, 70vh * var(--aspect)); aspect-ratio: var(--aspect); }
.layers > * { position: absolute; inset: 0; width: 100%; height: 100%; }
.layers canvas { border-radius: 3px; }
.halo, .outline { fill: none; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.halo { stroke: #000; stroke-opacity: .6; stroke-width: 3.6; } .outline { stroke: #00e5ff; stroke-width: 1.6; }
.box { fill: none; stroke: #fff; stroke-width: 1.6; stroke-dasharray: 5 4; vector-effect: non-scaling-stroke; paint-order: stroke; }
.hint { max-width: 40ch; padding: 24px; color: var(--soft); text-align: center; } .hint b { display: block; color: var(--ink); font-weight: 600; margin-bottom: 4px; }
.drop { position: absolute; inset: 0; z-index: 2; display: grid; place-items: center; background: color-mix(in srgb, var(--card) 86%, transparent); border: 2px dashed var(--focus); border-radius: 12px; font-weight: 600; pointer-events: none; }

.side { display: flex; flex-direction: column; gap: 18px; padding: 16px; border-left: 1px solid var(--line); min-width: 0; }
.side .name { overflow-wrap: anywhere; color: var(--soft); font-size: 13px; }
.badge { display: inline-flex; align-items: center; gap: 7px; padding: 4px 14px 4px 9px; border-radius: 99px; font-size: 17px; font-weight: 640; white-space: nowrap; }
.badge.good { color: var(--good); background: var(--good-back); } .badge.defect { color: var(--defect); background: var(--defect-back); }
.badge.unsure { color: var(--unsure); background: var(--unsure-back); } .badge.failed { color: var(--failed); background: var(--failed-back); }
.symbol { width: 17px; height: 17px; flex: none; } .knock { fill: none; stroke: var(--knock); stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
.verdict { display: grid; gap: 10px; justify-items: start; }
.bar { display: block; width: 100%; height: 16px; }
.bar .track { fill: var(--line); } .bar .fill { fill: var(--good); } .bar.above .fill { fill: var(--defect); }
.bar .limit { stroke: var(--ink); stroke-width: 1.5; vector-effect: non-scaling-stroke; } .bar .mark { stroke: var(--good); stroke-width: 3; vector-effect: non-scaling-stroke; } .bar.above .mark { stroke: var(--defect); }
.numbers { color: var(--soft); font-size: 14px; } .numbers b { color: var(--ink); font-weight: 620; }
.shown { display: grid; gap: 6px; font-size: 14px; } .shown label { display: flex; align-items: center; gap: 8px; cursor: pointer; }
.shown kbd { margin-left: auto; padding: 0 6px; border: 1px solid var(--line); border-radius: 4px; color: var(--faint); font: 12px/1.5 ui-monospace, monospace; }
.legend { width: 100%; height: auto; } .legend text { font-size: 15px; fill: var(--soft); } .legend .frame { border: 0; stroke: var(--faint); stroke-width: .8; } .legend .ground { fill: #777c80; } .legend .limit { stroke: var(--ink); stroke-width: 1.5; fill: none; }
.regions { display: grid; gap: 4px; max-height: 210px; overflow: auto; margin-top: 6px; }
.regions button { width: 100%; display: grid; grid-template-columns: 1.2em 1fr auto; gap: 8px; min-height: 30px; padding: 4px 10px; line-height: 1.35; text-align: left; font-size: 13px; }
.regions button[aria-pressed=true] { border-color: var(--focus); } .regions span { color: var(--soft); } .regions small { display: block; color: var(--faint); }

.strip { position: relative; display: flex; gap: 8px; padding: 12px 16px; border-top: 1px solid var(--line); overflow-x: auto; }
.strip button { flex: none; position: relative; display: block; width: 104px; min-height: 0; padding: 4px; text-align: center; }
.strip button[aria-selected=true] { border-color: var(--ink); box-shadow: inset 0 0 0 1px var(--ink); }
.strip .thumbnail { display: block; height: 64px; background: var(--well); border-radius: 4px; }
.strip canvas { display: block; width: 100%; height: 100%; object-fit: contain; border-radius: 4px; }
.strip .badge { display: flex; justify-content: center; margin-top: 4px; padding: 0 2px; font-size: 11px; line-height: 1.6; gap: 3px; } .strip .badge .symbol { width: 11px; height: 11px; }
.strip .waiting { margin-top: 4px; font-size: 11px; color: var(--faint); line-height: 1.6; }

.form { display: flex; flex-wrap: wrap; gap: 12px 20px; align-items: end; padding: 14px 16px; border-bottom: 1px solid var(--line); }
.form label.field { display: grid; gap: 3px; color: var(--soft); font-size: 13px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 10px; padding: 16px; background: var(--well); min-height: 150px; align-content: start; }
.tiles li { position: relative; background: var(--card); border: 1px solid var(--line); border-radius: 7px; padding: 5px; }
.tiles canvas { display: block; width: 100%; height: 76px; object-fit: contain; border-radius: 4px; background: var(--well); }
.tiles .name { display: block; margin-top: 3px; font-size: 12px; color: var(--soft); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.tiles button { position: absolute; top: 2px; right: 2px; min-height: 24px; width: 24px; padding: 0; justify-content: center; border-radius: 99px; }
.tiles .hint { grid-column: 1 / -1; justify-self: center; }
.progress { display: grid; gap: 6px; padding: 14px 16px; border-top: 1px solid var(--line); font-size: 14px; }
.progress .busy { height: 6px; border-radius: 3px; } .progress small { color: var(--soft); font-size: 13px; }
.result { display: flex; flex-wrap: wrap; gap: 10px 20px; align-items: center; padding: 14px 16px; border-top: 1px solid var(--line); background: var(--good-back); font-size: 14px; }
.result div { flex: 1 1 260px; } .result b { font-weight: 620; }
.warnings { padding: 10px 16px; border-top: 1px solid var(--line); background: var(--unsure-back); font-size: 13px; }

dialog { border: 1px solid var(--line); border-radius: 12px; padding: 14px; background: var(--card); color: var(--ink); max-width: min(92vw, 760px); }
dialog::backdrop { background: rgb(0 0 0 / .5); }
dialog video { display: block; width: 100%; max-height: 60vh; border-radius: 6px; background: #000; } dialog .actions { margin-top: 12px; justify-content: end; }
`
