import * as D from './out/child/draw.js';
import { classColours } from './out/child/colours.js';
let s=5;const rnd=()=>(s=(Math.imul(s,1664525)+1013904223)>>>0)/2**32;
const names=['사람','자전거','스웨터(겨울용)','sneakers','가방'];const colours=classColours(names);
const [w,h,n]=process.argv.slice(2).map(Number);
const dets=Array.from({length:n},()=>{const c=(rnd()*names.length)|0;const bw=w*(0.03+rnd()*rnd()*0.4),bh=h*(0.03+rnd()*rnd()*0.4);const x=rnd()*(w)-bw*0.3,y=rnd()*h-bh*0.3;return{x1:x,y1:y,x2:x+bw,y2:y+bh,label:names[c],confidence:0.25+rnd()*0.74,colour:colours[c]}});
const img={width:w,height:h,data:new Uint8Array(w*h*3).fill(90)};
let b=1e9;for(let i=0;i<20;i++){const t=performance.now();const c=D.toRgbaImage(img);const m=performance.now();D.drawDetections(c,dets);const e=performance.now();b=Math.min(b,e-m);if(i>15)console.log((m-t).toFixed(1),(e-m).toFixed(1))}
