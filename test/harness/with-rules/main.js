// In place of the built program: the same from its sources, under the rules of a test.
import "../serve-with-rules.ts";
