/** How a report looks: calm, in one column, light or dark as the reader has it. */

const light = `--paper:#fcfcfa;--card:#ffffff;--ink:#1b242d;--soft:#5b6772;--faint:#e4e7ea;--accent:#1f5f99;
--scheme-none:#8a949e;--scheme-disk:#8a6d00;--scheme-n-1-parity:#b3433a;--scheme-enhanced:#1f6fb2;--scheme-mirror:#7a4fb0;
--part-detect:#c9a227;--part-rebuild:#2f7fb8;--part-resume:#7fb7a4`

const dark = `--paper:#11161b;--card:#171d23;--ink:#e4e8ec;--soft:#98a5b1;--faint:#2a333c;--accent:#79b8f2;
--scheme-none:#7d8894;--scheme-disk:#dcb94a;--scheme-n-1-parity:#f08a80;--scheme-enhanced:#6db3f2;--scheme-mirror:#c39bf2;
--part-detect:#dcb94a;--part-rebuild:#5ba6dc;--part-resume:#8fcab5`

export const pageStyle = `
:root{${light};color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{${dark}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 ui-sans-serif,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;-webkit-text-size-adjust:100%}
main,header{max-width:1080px;margin:0 auto;padding:0 24px}
header{padding-top:56px}
h1{font-size:34px;line-height:1.15;letter-spacing:-.02em;margin:0 0 10px;font-weight:650}
h2{font-size:21px;letter-spacing:-.01em;margin:64px 0 6px;font-weight:620}
p{margin:8px 0;max-width:68ch}
.lead{font-size:18px;color:var(--soft);max-width:62ch}
.soft,figcaption,.notes{color:var(--soft);font-size:14px}
.notes{list-style:none;padding:0;margin:10px 0 0;max-width:80ch}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(210px,1fr));gap:14px;margin:28px 0 0}
.card{background:var(--card);border:1px solid var(--faint);border-radius:12px;padding:16px 18px}
.card b{display:block;font-size:30px;line-height:1.2;font-weight:620;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.card b.words{font-size:20px;line-height:36px;font-weight:560;color:var(--soft)}
.card span{display:block;font-size:14px;color:var(--soft)}
.card .name{color:var(--ink);font-weight:560;font-size:15px;margin-bottom:6px}
.scroll{overflow-x:auto;margin:14px 0 0;border:1px solid var(--faint);border-radius:12px;background:var(--card)}
table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
th,td{padding:6px 11px;text-align:right;vertical-align:top;white-space:nowrap}
th{font-weight:560;color:var(--soft);border-bottom:1px solid var(--faint);white-space:normal;vertical-align:bottom}
td:first-child,th:first-child{text-align:left}
tbody tr+tr td{border-top:1px solid var(--faint)}
tbody tr:hover td{background:color-mix(in srgb,var(--accent) 6%,transparent)}
.range{display:block;color:var(--soft);font-size:12px;line-height:1.3}
figure{margin:16px 0 0}
figure>svg{display:block;width:100%;height:auto;color:var(--ink);fill:currentColor;overflow:visible}
figure .plot{font:13px ui-sans-serif,system-ui,sans-serif}
.wide{overflow-x:auto;border:1px solid var(--faint);border-radius:12px;margin:14px 0 0}
.wide svg{min-width:900px;width:100%;height:auto;display:block}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;padding:0;margin:12px 0 0;list-style:none;font-size:14px;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:7px}
.legend svg{width:12px;height:12px;flex:none}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 20px;font-size:15px;margin:14px 0 0}
dt{color:var(--soft)}dd{margin:0}
footer{max-width:1080px;margin:72px auto 0;padding:20px 24px 56px;color:var(--soft);font-size:14px;border-top:1px solid var(--faint)}
@media(max-width:640px){header{padding-top:32px}h1{font-size:27px}h2{margin-top:44px}main,header{padding-left:16px;padding-right:16px}dl{grid-template-columns:1fr}dd{margin-bottom:8px}figure.plots{overflow-x:auto}figure.plots>svg{min-width:680px}}
@media print{body{font-size:12px}.scroll,.wide,.card{break-inside:avoid}}
`
