import sharp from 'sharp';
import { readFileSync } from 'node:fs';
import { decodeImage } from './out/child/decode.js';
const W=333,H=217;const d=Buffer.alloc(W*H*3);for(let i=0;i<d.length;i++)d[i]=(Math.sin(i/3000)*100+128+((i*2654435761)>>>28))&255;
const raw=()=>sharp(d,{raw:{width:W,height:H,channels:3}});
const f={jpeg:await raw().jpeg().toBuffer(),prog:await raw().jpeg({progressive:true}).toBuffer(),png:await raw().png().toBuffer(),pngi:await raw().png({progressive:true}).toBuffer(),webp:await raw().webp().toBuffer(),webpl:await raw().webp({lossless:true}).toBuffer(),gif:await raw().gif().toBuffer(),tiff:await raw().tiff({compression:'lzw'}).toBuffer(),tiffn:await raw().tiff({compression:'none'}).toBuffer(),avif:await raw().avif().toBuffer()};
const bmp=readFileSync('/tmp/x.bmp');f.bmp=bmp;
const one=async(b)=>{try{const r=await decodeImage(b,{pixelsMax:1e8});return 'OK'+r.warnings.join()}catch(e){return e.code?e.code:'?? '+e.message}};
for(const [k,b] of Object.entries(f)){const o=[];for(const cut of [0,1,2,3,10,20,100,b.length*.1|0,b.length*.5|0,b.length*.9|0,b.length-30,b.length-60])o.push(cut+':'+await one(b.subarray(0,b.length-cut)));console.log(k,b.length,o.join(' '))}
// mutated
let s=1;const rnd=()=>(s=(Math.imul(s,1664525)+1013904223)>>>0)/2**32;
const tally={};
for(const [k,b] of Object.entries(f))for(let i=0;i<60;i++){const m=Buffer.from(b);for(let n=0;n<8;n++)m[(rnd()*m.length)|0]=(rnd()*256)|0;const r=await one(m);tally[k+' '+r.slice(0,60)]=(tally[k+' '+r.slice(0,60)]??0)+1}
console.log(tally);
const t=async(n,b)=>{const a=[];for(let i=0;i<5;i++){const s=performance.now();await decodeImage(b,{pixelsMax:2e8});a.push((performance.now()-s).toFixed(1))}console.log(n,a.join(' '))};
const big=Buffer.alloc(1920*1080*3);for(let i=0;i<big.length;i++)big[i]=(Math.sin(i/3000)*100+128+((i*2654435761)>>>28))&255;
const R=()=>sharp(big,{raw:{width:1920,height:1080,channels:3}});
await t('jpeg1080',await R().jpeg({quality:90}).toBuffer());await t('png1080',await R().png().toBuffer());await t('webp',await R().webp().toBuffer());await t('avif',await R().avif().toBuffer());
const huge=await sharp(Buffer.alloc(10000*10000*3,77),{raw:{width:10000,height:10000,channels:3},limitInputPixels:false}).jpeg().toBuffer();
await t('100MP jpeg',huge);console.log(process.memoryUsage().rss/1e6);
