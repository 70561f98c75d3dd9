/**
 * A 53-bit digest of a text, for remembering lines without keeping them. Two independent 32-bit
 * multiply-and-xor lanes; among half a million remembered lines a wrong match has odds of 1 in 10^10.
 * The same text with another `seed` has another digest.
 */
export function digestOf(text: string, seed = 0): number {
  let low = 0x9e37_79b1 ^ seed;
  let high = 0x85eb_ca77 + seed;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x0100_0193);
    high = Math.imul(high ^ unit, 0x5bd1_e995) + 0x7f4a_7c15;
    high ^= high >>> 15;
  }
  low = Math.imul(low ^ (high >>> 13), 0x2c1b_3c6d);
  low ^= low >>> 16;
  high = Math.imul(high ^ (low >>> 11), 0x297a_2d39);
  high ^= high >>> 15;
  return (high & 0x1f_ffff) * 0x1_0000_0000 + (low >>> 0);
}
