/** How JUnit files are written, for consumers that differ. */

/** Where the cell's label goes. */
export const JUNIT_LABELS = ['both', 'suite', 'classname', 'name', 'none'] as const;
export type JUnitLabel = (typeof JUNIT_LABELS)[number];

export interface JUnitSettings {
  /**
   * In suite and class names (`both`, the default: which of them tells tests apart differs by viewer), in one of them, in
   * the tests' own names (Azure DevOps knows nothing else), or nowhere, for viewers that are fed one file a cell.
   */
  label?: JUnitLabel;
  /** Only what the schemas of Jenkins' xunit plugin and of Maven Surefire allow. Default: false. */
  strict?: boolean;
  /**
   * Tests of a cell that share class and name are numbered: `adds`, `adds (2)`. Default: false, for the number is that of
   * the order, which some suites change. GitLab and Azure DevOps take tests of one name for one test.
   */
  unique?: boolean;
  /** Most cases in a file; then another is begun (`junit-2.xml`). Default: no limit. Buildkite takes 5,000. */
  maxCases?: number;
  /** Most bytes in a file, unless a single case is larger. Default: no limit. GitLab takes 30 MB. */
  maxBytes?: number;
}
