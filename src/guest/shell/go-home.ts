/** Start of every script whose folders are relative to the user's home. */
export const GO_HOME = 'cd "$HOME" 2>/dev/null || cd /';
