/** Whether a curve is flat: a straight line through it, and how sure its slope is. */

export interface Trend {
  /** Per 1,000 steps of x. */
  slope: number;
  /** Half of the interval that holds the true slope in 19 of 20 cases. */
  margin: number;
  /** Where the line begins and ends. */
  begin: number;
  end: number;
}

/** As many blocks as are left of neighbouring samples, which are too much alike to count as so many each. */
export const BLOCKS = 20;
/** Of Student's t, 18 degrees of freedom, both sides. */
const T_95 = 2.101;

/** By least squares through the means of blocks of neighbours. Needs a point for each. */
export function trendOf(points: readonly (readonly [x: number, y: number])[]): Trend {
  const means = Array.from({ length: BLOCKS }, (_, block) => {
    const from = Math.floor((block * points.length) / BLOCKS);
    const part = points.slice(from, Math.floor(((block + 1) * points.length) / BLOCKS));
    return [mean(part.map(([x]) => x)), mean(part.map(([, y]) => y))] as const;
  });
  const [middleX, middleY] = [mean(means.map(([x]) => x)), mean(means.map(([, y]) => y))];
  const spread = sum(means.map(([x]) => (x - middleX) ** 2));
  const slope = sum(means.map(([x, y]) => (x - middleX) * (y - middleY))) / spread;
  const rest = sum(means.map(([x, y]) => (y - middleY - slope * (x - middleX)) ** 2));
  const margin = T_95 * Math.sqrt(rest / (BLOCKS - 2) / spread);
  const at = (x = 0) => middleY + slope * (x - middleX);
  return {
    slope: slope * 1000,
    margin: margin * 1000,
    begin: at(points[0]?.[0]),
    end: at(points.at(-1)?.[0]),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
