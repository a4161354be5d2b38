import { readOnnxFacts } from './out/child/onnx-file.js';
import { parsePythonLiteral } from './out/child/python-literal.js';
import { readdirSync, statSync } from 'node:fs';
const find=(d)=>readdirSync(d,{withFileTypes:true}).flatMap(e=>e.isDirectory()?find(d+'/'+e.name):e.name.endsWith('.onnx')?[d+'/'+e.name]:[]);
for(const d of ['/work/shared/models','/work/shared/reference','/work/shared/real'])for(const f of find(d)){const t=performance.now();let r;try{r=readOnnxFacts(f)}catch(e){r={err:e.code+e.message}};const ms=(performance.now()-t).toFixed(1);
console.log(f.replace('/work/shared/',''),ms+'ms',r.err??JSON.stringify([r.irVersion,r.opsets,r.producer,r.inputs,r.outputs,r.nodeCount,r.opTypes.length,r.externalFiles,(r.bytes/1e6).toFixed(1)]));
if(r.metadata)for(const k of ['names','imgsz','args','kpt_shape','end2end'])if(r.metadata[k]){try{parsePythonLiteral(r.metadata[k])}catch(e){console.log(k,r.metadata[k],e.message)}}}
