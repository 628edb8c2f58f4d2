/**
 * How a diagram looks: by light or dark as the reader has it. Every kind has a shape or a pattern of its own too, so that
 * nothing is told by colour alone.
 */

const light = `--paper:#fdfdfb;--ink:#1d2630;--soft:#5d6975;--faint:#dfe3e7;--lane:#b4bdc6;--step:#8fa1b3;
--message:#2468a8;--replayed:#b35900;--discarded:#b3123a;--capture:#1d2630;--commit:#1e7a4c;--pages:#1e7a4c;
--checkpoint:#6b8f7b;--recovery:#7b3fb0;--output:#8a6d00;--ack:#93a4b8;--band:#7b3fb0;--undone:#7d8894;--frozen:#3f8796`

const dark = `--paper:#12171c;--ink:#e6eaee;--soft:#9aa7b3;--faint:#28313a;--lane:#4d5a66;--step:#6d8196;
--message:#6db3f2;--replayed:#ffab5c;--discarded:#ff6f8d;--capture:#e6eaee;--commit:#5fd39a;--pages:#5fd39a;
--checkpoint:#5b7f6b;--recovery:#c493f0;--output:#e3c14d;--ack:#5c6b7a;--band:#c493f0;--undone:#8492a0;--frozen:#74b6c4`

const font = "ui-sans-serif,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"

/** Variables with the colours; `scope` is a selector. */
export function colours(scope: string): string {
  return `${scope}{${light}}@media(prefers-color-scheme:dark){${scope}{${dark}}}`
}

/** The style of everything in a diagram. */
export const diagramStyle = `
.diagram{font-family:${font};font-size:12px;fill:var(--ink);background:var(--paper)}
.diagram text{dominant-baseline:central}
.paper{fill:var(--paper)}
.heading{font-size:15px;font-weight:600}
.soft{fill:var(--soft);font-size:11px}
.tick{fill:var(--soft);font-size:11px;text-anchor:middle;font-variant-numeric:tabular-nums}
.grid{stroke:var(--faint);stroke-width:1}
.place{font-weight:600;font-size:13px}
.lane{stroke:var(--lane);stroke-width:1.5}
.vacant{stroke:var(--lane);stroke-width:1.5;stroke-dasharray:2 5}
.step{fill:var(--step)}
.frozen{fill:var(--paper);stroke:var(--frozen);stroke-width:1}
.undone{fill:url(#undone)}
.hatch{stroke:var(--undone);stroke-width:1.2;opacity:.55}
.band{fill:var(--band);opacity:.07}
.bandedge{stroke:var(--band);stroke-width:1;opacity:.35}
.bandname{fill:var(--recovery);font-size:11px;font-weight:600}
.cut{fill:none;stroke:var(--commit);stroke-width:1.2;opacity:.5}
.cutname{fill:var(--commit);font-size:11px;text-anchor:middle}
.line{fill:none;stroke:var(--recovery);stroke-width:2.4;stroke-dasharray:9 5;stroke-linecap:round}
.linename{fill:var(--recovery);font-size:11px;font-weight:600;paint-order:stroke;stroke:var(--paper);stroke-width:4px}
.arrow{fill:none;stroke-width:1.3;stroke:var(--hue);color:var(--hue)}
.hit{fill:none;stroke:transparent;stroke-width:10}
.head{fill:var(--hue);stroke:none}
.open{fill:var(--paper);stroke:var(--hue);stroke-width:1.2}
.cross{stroke:var(--hue);stroke-width:1.8;fill:none}
.t-message{--hue:var(--message)}
.t-acknowledgement{--hue:var(--ack)}
.t-acknowledgement .arrow{stroke-width:.8}
.t-checkpoint{--hue:var(--checkpoint)}
.t-checkpoint .arrow,.t-output .arrow{stroke-width:1}
.t-checkpoint .arrow{stroke-dasharray:1.5 2.5}
.t-recovery{--hue:var(--recovery)}
.t-recovery .arrow{stroke-width:.9;opacity:.75}
.t-output{--hue:var(--output)}
.replayed{--hue:var(--replayed)}
.replayed .arrow{stroke-width:1.8;stroke-dasharray:8 4}
.discarded{--hue:var(--discarded)}
.discarded .arrow{stroke-dasharray:2 3}
.lost{--hue:var(--discarded)}
.many .arrow{opacity:.5}
.taken-back{opacity:.42}
.caption{font-size:11px;fill:var(--hue);paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round;text-anchor:middle}
.stream{fill:var(--pages);fill-opacity:.09;stroke:var(--pages);stroke-opacity:.32;stroke-width:.8}
.stream.cutoff{stroke-dasharray:3 3}
.mark{stroke-width:1.5;stroke:var(--paper)}
.capture{fill:var(--capture)}
.commit{fill:var(--commit)}
.learned{stroke:var(--commit);stroke-width:2;fill:none}
.loss{stroke:var(--discarded);stroke-width:2.6;fill:none;stroke-linecap:round}
.fault{stroke:var(--discarded);stroke-width:1.8;fill:var(--paper)}
.heard{stroke:var(--commit);stroke-width:1.8;fill:var(--paper)}
.restored{fill:var(--recovery)}
.released{fill:var(--output)}
.number{font-size:10.5px;text-anchor:middle;paint-order:stroke;stroke:var(--paper);stroke-width:3px;font-variant-numeric:tabular-nums}
.note{fill:var(--soft);font-size:11.5px}
.finding{fill:var(--discarded);font-weight:600}
g:hover>.arrow{stroke-width:3}
`
