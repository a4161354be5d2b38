import { textWidthPx, drawTexts } from './out/child/draw-text.js';
import { placeLabels } from './out/child/draw-labels.js';
const t=(n,f)=>{const a=[];for(let i=0;i<5;i++){const s=performance.now();f();a.push((performance.now()-s).toFixed(1))}console.log(n,a.join(' '))};
let i=0;t('measure x300',()=>{for(let k=0;k<300;k++)textWidthPx('스웨터(겨울용) 0.'+(i++%100),41)});
t('measure x300 alt font',()=>{for(let k=0;k<300;k++)textWidthPx('스웨터(겨울용) 0.'+(i++%100),k%2?41:31)});
const img={width:3840,height:2160,data:new Uint8Array(3840*2160*4)};
t('drawTexts x300',()=>drawTexts(img,Array.from({length:300},(_,k)=>({text:'스웨터(겨울용) 0.'+(i++%100),fontPx:41,x:(k%10)*300,y:(k/10|0)*60,colour:[1,1,1]}))));
const rq=Array.from({length:300},(_,k)=>({name:'스웨터(겨울용)',suffix:'0.'+k%100,colour:[1,2,3],anchor:{x:(k*7919)%3500,y:(k*104729)%2000,width:300,height:200}}));
t('place',()=>placeLabels(rq,img,{lineWidthPx:8,fontPx:41,fontPxMin:8}));
