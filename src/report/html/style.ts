/**
 * The page's one style sheet: light and dark, wide and narrow, screen and paper. No fonts or pictures from elsewhere.
 */

/** Colours for both schemes, and the sizes that everything else builds on. */
const BASE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#16202c;--soft:#5b6877;--faint:#8a95a3;--line:#dfe4ea;--wash:#f0f3f6;--accent:#3157d5;--accent-wash:#e9eefc;
--pass:#18794e;--pass-wash:#e3f5ec;--fail:#c62a2f;--fail-wash:#fdeaea;--crash:#8e3fb0;--crash-wash:#f6eafb;--warn:#9a6700;--warn-wash:#fdf3d7;--calm:#5b6877;--calm-wash:#edf0f3;--obs:#0b7285;--obs-wash:#e0f4f7;
--http:#0b7285;--webauthn:#7048c4;--prompt:#b35309;--user:#b02a6b;--ctap:#3157d5;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif}
@media (prefers-color-scheme:dark){:root{--bg:#0e1319;--card:#161d26;--ink:#e6ebf1;--soft:#9daab9;--faint:#6f7d8d;--line:#29333f;--wash:#1c2530;--accent:#8aa9ff;--accent-wash:#1d2a4a;
--pass:#5ccf97;--pass-wash:#12301f;--fail:#ff8a8a;--fail-wash:#3a1719;--crash:#d59bf0;--crash-wash:#2d1a38;--warn:#e9b949;--warn-wash:#342808;--calm:#9daab9;--calm-wash:#222c37;--obs:#5cc8d7;--obs-wash:#0e2f36;
--http:#5cc8d7;--webauthn:#b69cf5;--prompt:#f0a05a;--user:#f08bbb;--ctap:#8aa9ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:14px/1.5 var(--sans);-webkit-text-size-adjust:100%}
main{max-width:1240px;margin:0 auto;padding:24px 20px 64px}
h1,h2,h4,h5,p,ol,ul,dl,dd{margin:0;padding:0}
ol,ul{list-style:none}
h2{font-size:15px;font-weight:650;margin:32px 0 10px}
h4{font-size:12px;font-weight:650;margin:20px 0 8px;color:var(--ink)}
h4 small{font-weight:400;color:var(--soft);font-size:12px;margin-left:6px}
a{color:var(--accent)}
code,.mono{font-family:var(--mono);font-size:.92em}
svg{fill:none;stroke:currentColor;stroke-width:1.2}
.defs{position:absolute;width:0;height:0}
.sim,.obs{font-size:11px;font-weight:600;border-radius:4px;padding:1px 6px;white-space:nowrap}
.sim{background:var(--warn-wash);color:var(--warn);border:1px dashed currentColor}
.obs{background:var(--obs-wash);color:var(--obs);border:1px solid transparent}
`;

/** Head, facts, filter and overview. */
const HEAD = `
.top{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:22px 24px;position:relative;overflow:hidden}
.brand{font-weight:700;letter-spacing:.01em;color:var(--soft)}
.brand span{font-weight:400}
h1{font-size:30px;line-height:1.2;font-weight:700;letter-spacing:-.02em;margin-top:4px}
.broken h1{color:var(--fail)}.unsure h1{color:var(--warn)}.fine h1{color:var(--pass)}
.sub{color:var(--soft);margin-top:2px}
.bar{display:block;width:100%;height:10px;border-radius:5px;margin:16px 0 4px;stroke:none;background:var(--wash)}
.f-PASS{fill:var(--pass)}.f-FAIL{fill:var(--fail)}.f-CRASH{fill:var(--crash)}.f-WARN{fill:var(--warn)}.f-INCONCLUSIVE{fill:var(--faint)}.f-SKIP{fill:var(--line)}.f-OBS{fill:var(--obs)}
.note{margin-top:10px;color:var(--soft)}.note.warn{color:var(--warn)}
.facts{display:flex;flex-wrap:wrap;gap:10px 28px;margin-top:16px}
.facts dt{font-size:11px;color:var(--faint)}
.facts dd{font-family:var(--mono);font-size:12.5px;overflow-wrap:anywhere;user-select:all}
.filter{display:flex;flex-wrap:wrap;gap:8px;align-items:center;background:var(--bg);padding:14px 0 10px}
.chip{display:inline-flex;align-items:center;gap:6px;padding:3px 11px 3px 8px;border-radius:99px;border:1px solid var(--line);background:var(--card);font-size:12px;color:var(--soft);cursor:pointer}
.chip b{font-size:13px;color:var(--tone)}
.chip input{accent-color:var(--tone);margin:0}
.chip:has(input:not(:checked)){opacity:.55}
.tools{margin-left:auto;display:flex;gap:8px}.tools[hidden]{display:none}
.tools input,.tools button{font:inherit;font-size:13px;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:4px 10px}
.tools button{cursor:pointer;white-space:nowrap}
.scroll{overflow-x:auto}
.overview table{border-collapse:separate;border-spacing:0;width:100%;background:var(--card);border:1px solid var(--line);border-radius:10px;font-size:13px}
.overview th{text-align:left;font-size:11px;font-weight:500;color:var(--faint);padding:8px 12px;white-space:nowrap}
.overview td{padding:7px 12px;border-top:1px solid var(--line)}
.overview td:first-child{font-family:var(--mono);font-size:12px}
.choice{white-space:nowrap;font-weight:600}.choice svg{width:15px;height:15px;vertical-align:-3px}
.number{font-variant-numeric:tabular-nums}
`;

/** Results and what is inside of them. */
const RESULTS = `
.v-PASS{--tone:var(--pass);--wash-tone:var(--pass-wash)}.v-FAIL{--tone:var(--fail);--wash-tone:var(--fail-wash)}.v-CRASH{--tone:var(--crash);--wash-tone:var(--crash-wash)}.v-WARN{--tone:var(--warn);--wash-tone:var(--warn-wash)}.v-INCONCLUSIVE,.v-SKIP{--tone:var(--calm);--wash-tone:var(--calm-wash)}.v-OBS{--tone:var(--obs);--wash-tone:var(--obs-wash)}
.r{background:var(--card);border:1px solid var(--line);border-left:3px solid var(--tone);border-radius:8px;margin-bottom:6px;scroll-margin-top:8px}
.r[hidden]{display:none}
.r>summary{display:grid;grid-template-columns:auto 1fr auto;gap:4px 12px;align-items:baseline;padding:8px 14px;cursor:pointer;list-style:none}
.r>summary::-webkit-details-marker{display:none}
.r>summary:hover{background:var(--wash);border-radius:6px}
.r>summary:focus-visible{outline:2px solid var(--accent);outline-offset:-2px;border-radius:6px}
.badge{font-size:11px;font-weight:700;letter-spacing:.02em;background:var(--wash-tone);color:var(--tone);border-radius:4px;padding:2px 7px;min-width:52px;text-align:center}
.what{overflow-wrap:anywhere;min-width:0}.what code{font-weight:600}.what>span{color:var(--soft)}
.what em{display:block;font-style:normal;color:var(--tone)}
.tags{display:flex;gap:10px;align-items:baseline;font-size:12px;color:var(--soft);white-space:nowrap}
.tags time{font-variant-numeric:tabular-nums;min-width:48px;text-align:right}
.v-FAIL .sev-critical,.v-FAIL .sev-high,.v-CRASH .sev-critical,.v-CRASH .sev-high{color:var(--fail);font-weight:600}
.in{padding:2px 16px 18px;border-top:1px solid var(--line)}
.in .facts{margin-top:12px;gap:6px 24px}
.error{margin-top:14px;padding:10px 12px;border-radius:8px;background:var(--wash);overflow-wrap:anywhere}
.halves{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:0 32px}
.steps li{display:grid;grid-template-columns:16px 1fr auto;gap:8px;padding:3px 0}
.steps i{font-style:normal;font-weight:700;color:var(--faint)}.steps .ok i{color:var(--pass)}.steps .failed i,.steps .failed span{color:var(--fail)}
.steps small{display:block;color:var(--soft);font-size:12px;overflow-wrap:anywhere}
.steps time{color:var(--faint);font-size:12px;font-variant-numeric:tabular-nums}
.seen{border-collapse:collapse;width:100%;font-size:13px}
.seen th{text-align:left;font-weight:400;color:var(--soft);padding:3px 16px 3px 0;white-space:nowrap;vertical-align:top;width:1%}
.seen td{padding:3px 0;overflow-wrap:anywhere}
.left-out{color:var(--soft)}
`;

/** Screens as dialogs. */
const SCREENS = `
.source{color:var(--soft);font-size:12px;margin-bottom:10px}.source b{margin-right:4px}
.call{font-size:12px;font-weight:600;margin:4px 0 8px}.screens ol+.call{margin-top:20px}
.screens ol{display:flex;flex-wrap:wrap;gap:14px 34px;align-items:flex-start}
.screens li{position:relative}
.screens ol>li{width:212px}
.screens ol>li:not(:last-child)::after{content:"";position:absolute;left:calc(100% + 9px);top:64px;width:11px;height:11px;border:solid var(--faint);border-width:2px 2px 0 0;transform:rotate(45deg)}
.dialog{background:var(--card);border:1px solid var(--line);border-radius:10px;box-shadow:0 1px 2px #0001,0 6px 16px -8px #0003;overflow:hidden;padding:0 12px 12px}
.dialog header{display:flex;justify-content:space-between;margin:0 -12px 8px;padding:4px 12px;background:var(--wash);font-size:11px;color:var(--soft);font-family:var(--mono)}
.first .dialog{border-color:var(--accent);box-shadow:0 0 0 1px var(--accent),0 6px 16px -8px #0004}
.first .dialog header{background:var(--accent-wash)}
.dialog header b{color:var(--accent);font-family:var(--sans)}
.dialog h5{font-size:13.5px;line-height:1.3;font-weight:650}
.dialog p{font-size:12px;line-height:1.4;color:var(--soft);margin-top:4px}
.dialog .label{font-weight:600;margin-top:8px}
.dialog ul{margin-top:6px;display:grid;gap:3px}
.dialog ul li{display:flex;align-items:center;gap:7px;font-size:12px;line-height:1.3;padding:5px 7px;border-radius:6px;border:1px solid var(--line)}
.dialog ul svg{width:15px;height:15px;flex:none;color:var(--soft)}
.dialog ul .default{border-color:var(--accent);background:var(--accent-wash)}
.dialog ul .default b{margin-left:auto;font-size:10px;font-weight:600;color:var(--accent)}
.dialog footer{display:flex;justify-content:flex-end;gap:6px;margin-top:10px}
.dialog footer span{font-size:11px;padding:2px 9px;border:1px solid var(--line);border-radius:5px;color:var(--soft)}
.dialog footer .default{background:var(--accent);border-color:var(--accent);color:var(--card);font-weight:600}
.qr{display:block;width:72px;height:72px;margin:10px auto 2px;stroke:none;fill:var(--ink)}
.big{display:block;width:40px;height:40px;margin:10px auto 2px;color:var(--soft);stroke-width:.9}
.pin{margin-top:8px;border:1px solid var(--line);border-radius:5px;padding:1px 8px;letter-spacing:3px;color:var(--soft)}
.deeds{font-size:12px;color:var(--soft);margin:7px 2px 0}
.deeds b{display:block;color:var(--ink);font-weight:650}
.deeds span{display:block}
`;

/** The timeline: columns where there is room for them, a list where there isn't. */
const TIMELINE = `
.tl{font-size:12px;line-height:1.35;border:1px solid var(--line);border-radius:8px;overflow:hidden}
.lanes,.e{display:grid;grid-template-columns:48px repeat(var(--n),minmax(0,1fr));gap:0 4px;padding:0 4px 0 8px}
.n1{--n:1}.n2{--n:2}.n3{--n:3}.n4{--n:4}.n5{--n:5}.n0{--n:1}
.lanes{background:var(--wash);padding-block:6px;font-size:11px}
.lanes span{color:var(--faint);text-align:right;padding-right:8px}
.lanes b{color:var(--lane);font-weight:650;padding-left:9px}
.http{--lane:var(--http)}.webauthn{--lane:var(--webauthn)}.prompt{--lane:var(--prompt)}.user{--lane:var(--user)}.ctap{--lane:var(--ctap)}
.e{padding-block:1px;align-items:start;background:repeating-linear-gradient(90deg,var(--line) 0 1px,transparent 1px calc(100%/var(--n))) 60px 0/calc(100% - 64px) 100% no-repeat}
.e time{color:var(--faint);text-align:right;padding:3px 8px 0 0;font-variant-numeric:tabular-nums}
.c1{grid-column:2}.c2{grid-column:3}.c3{grid-column:4}.c4{grid-column:5}.c5{grid-column:6}.x{grid-column:2/-1}
.e>p,.e>details{border-left:2px solid var(--lane);padding:2px 6px 2px 7px;min-width:0;overflow-wrap:anywhere}
.e>.x{border:0;padding:5px 0 2px;font-weight:600;background:var(--card)}
.e>.x.quiet{font-weight:400;color:var(--soft);padding-block:2px}
.e i{font-style:normal;color:var(--lane,var(--faint))}
.e .good>summary i,p.good i{color:var(--pass)}.e .bad,.e .bad i{color:var(--fail)}.e .quiet{color:var(--soft)}
.e small{color:var(--soft);font-size:11px;font-weight:400}
.e summary{cursor:pointer;list-style:none;border-radius:4px}
.e summary::-webkit-details-marker{display:none}
.e summary:hover{text-decoration:underline;text-decoration-color:var(--faint);text-underline-offset:3px}
.e details[open]{grid-column:2/-1;background:var(--wash);border-radius:0 6px 6px 0;margin-block:3px;padding-block:5px;color:var(--ink)}
.e details[open] small{display:none}
.e dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:1px 14px;margin-top:4px;font-size:12px}
.e dl dl{border-left:1px solid var(--line);padding-left:10px;margin-top:1px}
.e dt{color:var(--soft)}
.e dd{font-family:var(--mono);font-size:11.5px;overflow-wrap:anywhere}
.e dd i{color:var(--faint)}
.e code{display:block;margin-top:6px;color:var(--faint);overflow-wrap:anywhere}
`;

/** Phones, paper, and verdicts that are switched off. The filter sticks only where it is sure to fit on one line, whose height anchors know. */
const MEDIA = `
@media screen and (min-width:1100px){
.filter{position:sticky;top:0;z-index:2}.r{scroll-margin-top:64px}
}
@media screen and (max-width:700px){
.overview thead{display:none}.overview table,.overview tbody,.overview tr{display:block}
.overview tr{padding:8px 12px}.overview tr+tr{border-top:1px solid var(--line)}
.overview td{display:grid;justify-items:start;grid-template-columns:104px minmax(0,1fr);border:0;padding:2px 0;overflow-wrap:anywhere}
.overview td::before{content:attr(data-label);color:var(--faint);font-family:var(--sans);font-size:11px;line-height:1.8}
.overview td:first-child{grid-template-columns:minmax(0,1fr);padding-bottom:4px}.overview td:first-child::before{content:none}
}
@media screen and (max-width:860px){
main{padding:12px 10px 40px}.top{padding:16px}h1{font-size:24px}
.r>summary{grid-template-columns:auto 1fr;padding:8px 10px}.tags{grid-column:2;flex-wrap:wrap;white-space:normal}.tags time{min-width:0}
.in{padding:2px 10px 14px}.halves{grid-template-columns:minmax(0,1fr)}
.tools{margin-left:0;width:100%}.tools input{flex:1;min-width:0}
.screens ol{flex-direction:column;gap:26px 0}.screens ol>li{width:100%;max-width:320px}
.screens ol>li:not(:last-child)::after{left:24px;top:auto;bottom:-19px;transform:rotate(135deg)}
.lanes{display:none}.e{background:none;grid-template-columns:40px minmax(0,1fr)}
.c1,.c2,.c3,.c4,.c5,.x,.e details[open]{grid-column:2}
.e>p:not(.x)::before,.e>details:not(.x)>summary::before{color:var(--lane);font-size:11px;margin-right:4px}
.e>p.http::before,.e>.http>summary::before{content:"relying party"}.e>p.webauthn::before,.e>.webauthn>summary::before{content:"page"}.e>p.prompt::before,.e>.prompt>summary::before{content:"screen"}.e>p.user::before,.e>.user>summary::before{content:"person"}.e>p.ctap::before,.e>.ctap>summary::before{content:"key"}
}
@media print{
body{background:#fff;font-size:11px}main{max-width:none;padding:0}h1{font-size:24px}
.filter{display:none}.top,.dialog{box-shadow:none}.top,.overview,.screens,.dialog,.e,.halves{break-inside:avoid}h2,h4{break-after:avoid}
.screens ol{gap:14px 24px}.screens ol>li{width:150px}.dialog{padding:0 8px 8px}.dialog header{margin:0 -8px 6px;padding:3px 8px}
.screens ol>li:not(:last-child)::after{left:calc(100% + 5px);width:8px;height:8px}
.tl,.e dl{font-size:9.5px}.e small,.e dd{font-size:9px}
}
`;

const HIDDEN = ['PASS', 'FAIL', 'WARN', 'CRASH', 'INCONCLUSIVE', 'SKIP', 'OBS']
  .map((verdict) => `body:has(#f-${verdict}:not(:checked)) .r.v-${verdict}{display:none}`)
  .join('\n');

/** The whole style sheet. */
export const STYLE = [BASE, HEAD, RESULTS, SCREENS, TIMELINE, MEDIA, HIDDEN, ''].join('\n');
