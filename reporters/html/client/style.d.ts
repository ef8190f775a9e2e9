/** Styles go into a file of their own (scripts/build-page.ts). */
declare module '*.css';
