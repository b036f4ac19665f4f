import { draw } from "./draw.ts";
import { serve } from "./serve.ts";

// The entry of the drawing process: dist/draw.js once it is bundled.
serve(draw);
