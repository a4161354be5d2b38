import { decodeImage } from './out/child/decode.js';
import * as D from './out/child/draw.js';
import * as E from './out/child/encode.js';
import { classColours, instancePalette } from './out/child/colours.js';
import { readFileSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
let s=5;const rnd=()=>(s=(Math.imul(s,1664525)+1013904223)>>>0)/2**32;
const names=['사람','자전거','스웨터(겨울용)','sneakers','가방','뷁 특수글자','T-shirt','모자','long class name that never ends and ends','truck'];
const colours=classColours(names);
const src=readFileSync('/work/shared/models/samples/scene-1003.png');
const make=async(w,h)=>{const d=await sharp((await decodeImage(src,{pixelsMax:1e8})).data,{raw:{width:(await decodeImage(src,{pixelsMax:1e8})).width,height:(await decodeImage(src,{pixelsMax:1e8})).height,channels:3}}).resize(w,h,{fit:'fill'}).raw().toBuffer();return{width:w,height:h,data:d}};
const dets=(w,h,n)=>Array.from({length:n},()=>{const c=(rnd()*names.length)|0;const bw=w*(0.03+rnd()*rnd()*0.4),bh=h*(0.03+rnd()*rnd()*0.4);const x=rnd()*(w)-bw*0.3,y=rnd()*h-bh*0.3;return{x1:x,y1:y,x2:x+bw,y2:y+bh,label:names[c],confidence:0.25+rnd()*0.74,colour:colours[c]}});
const time=(n,f)=>{const a=[];let r;for(let i=0;i<6;i++){const t=performance.now();r=f();a.push((performance.now()-t).toFixed(1))}console.log(n,a.join(' '));return r};
const atime=async(n,f)=>{const a=[];let r;for(let i=0;i<6;i++){const t=performance.now();r=await f();a.push((performance.now()-t).toFixed(1))}console.log(n,a.join(' '),r.length??'');return r};
for(const [w,h,n] of [[320,240,8],[1920,1080,30],[3840,2160,300],[48,40,3],[640,480,15]]){
 const img=await make(w,h);const ds=dets(w,h,n);
 const out=time(`draw ${w}x${h} ${n}`,()=>{const c=D.toRgbaImage(img);D.drawDetections(c,ds);return c});
 writeFileSync(`/tmp/o-${w}.png`,await E.encodePng(out));
}
const img=await make(1920,1080);const c=D.toRgbaImage(img);
const masks=Array.from({length:20},(_,i)=>{const width=300,height=260,data=new Uint8Array(width*height);for(let y=0;y<height;y++)for(let x=0;x<width;x++)if(((x-150)/150)**2+((y-130)/130)**2<1-0.3*Math.sin(Math.atan2(y-130,x-150)*5))data[y*width+x]=1;return{mask:{x:(rnd()*1700)|0,y:(rnd()*900)|0,width,height,data},colour:instancePalette(20)[i+1]}});
time('toRgba',()=>D.toRgbaImage(img));
time('masks',()=>D.drawMasks(c,masks,{opacity:0.45,outlinePx:2}));
D.drawMasks(Object.assign(c,D.toRgbaImage(img)),masks,{opacity:0.45,outlinePx:2});
const kp=[[960,200],[980,185],[940,185],[1000,195],[920,195],[1040,330],[880,330],[1090,470],[830,470],[1100,600],[830,600],[1010,610],[910,610],[1020,800],[900,800],[1030,980],[890,980]].map(([x,y])=>({x,y,confidence:.9}));
time('kp',()=>D.drawKeypoints(c,kp,{colour:[230,159,0],skeleton:D.COCO_SKELETON,confidenceMin:.5}));
time('classes',()=>D.drawTopClasses(c,names.slice(0,5).map((label,i)=>({label,confidence:[.831,.1,.04,.012,.0003][i],colour:colours[i]}))));
D.drawDetections(c,[{x1:300,y1:300,x2:700,y2:600,polygon:[300,400,600,300,700,500,400,600],label:'회전 ship',confidence:.88,colour:[0,114,178]}]);
writeFileSync('/tmp/o-masks.png',await E.encodePng(c));
await atime('png',()=>E.encodeOverlay(c,'png'));await atime('jpeg',()=>E.encodeOverlay(c,'jpeg'));await atime('webp',()=>E.encodeOverlay(c,'webp'));
const idx=new Uint8Array(1920*1080);masks.forEach(({mask:m},i)=>{for(let y=0;y<m.height;y++)for(let x=0;x<m.width;x++)if(m.data[y*m.width+x]&&m.y+y<1080&&m.x+x<1920)idx[(m.y+y)*1920+m.x+x]=i+1});
await atime('indexed',async()=>(await E.encodeIndexedPng(idx,{width:1920,height:1080,palette:instancePalette(20)})).bytes);
await atime('indexed sharp',()=>sharp(idx,{raw:{width:1920,height:1080,channels:1}}).png({compressionLevel:1}).toBuffer());
const g=Uint16Array.from(idx,(v,i)=>(i%1920)*30+v);await atime('gray16',()=>E.encodeGrey16Png(g,{width:1920,height:1080}));
for(const [w,h] of [[224,224],[96,80],[40,40],[640,480]]){const i=D.toRgbaImage(await make(w,h));D.drawTopClasses(i,names.slice(0,5).map((label,i)=>({label,confidence:[.831,.1,.04,.012,.0003][i],colour:colours[i]})));writeFileSync(`/tmp/o-cls-${w}.png`,await E.encodePng(i))}
