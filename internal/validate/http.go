package validate

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var pathPrefix = regexp.MustCompile(`^/$|^(/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+$`)

// PathPrefix accepts what paths of HTTP requests begin with, segment by segment:
// "/", or "/cart" without a slash at its end.
func PathPrefix() validator.String {
	return text{"a path prefix such as /cart", func(value string) []string {
		switch {
		case !strings.HasPrefix(value, "/"):
			return []string{"it does not begin with /"}
		case value != "/" && strings.HasSuffix(value, "/"):
			return []string{"write it without the slash at its end: it is for the path itself and all beneath it"}
		case !pathPrefix.MatchString(value):
			return []string{"it has an empty segment, or a character that no path has"}
		}
		for _, segment := range strings.Split(value, "/") {
			if segment == "." || segment == ".." {
				return []string{"gateways resolve . and .. before they look at a path"}
			}
		}
		return nil
	}}
}

var headerValue = regexp.MustCompile(`^[^\x00-\x08\x0A-\x1F\x7F]*$`)

// HeaderValue accepts values of HTTP headers.
func HeaderValue() validator.String {
	return text{"the value of an HTTP header", func(value string) []string {
		if !headerValue.MatchString(value) {
			return []string{"it contains a control character"}
		}
		return nil
	}}
}

// Regex accepts regular expressions as Go and Envoy know them (RE2), of at most
// that many characters.
func Regex(most int) validator.String {
	return text{"a regular expression", func(value string) []string {
		_, err := regexp.Compile(value)
		switch {
		case value == "":
			return []string{"it is empty"}
		case len(value) > most:
			return []string{fmt.Sprintf("it has %d characters, at most %d are allowed", len(value), most)}
		case err != nil:
			return []string{err.Error()}
		}
		return nil
	}}
}
