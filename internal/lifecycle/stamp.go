package lifecycle

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Stamp returns a short hash of what a creation wants: it marks the creation on the
// cluster until that is finished, so that the next apply takes up what an interrupted one
// has left and nothing of anybody else. Stamps last on clusters: another form of them
// would not be taken up by a newer provider.
func Stamp(wanted any) (string, error) {
	text, err := json.Marshal(wanted) // with the keys of maps in order
	if err != nil {
		return "", fmt.Errorf("encoding what is wanted: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}
