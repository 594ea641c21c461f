package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// printTable prints a line per row. Below a wrong row it prints the links that topology's API shows, and the known
// cause.
func printTable(out io.Writer, verdicts []verdict) {
	lines := [][]string{{"WHAT", "FROM → TO", "SENT", "VERDICT"}}
	for _, v := range verdicts {
		lines = append(lines, []string{v.what, v.expected, v.sent, v.verdict})
	}
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	fmt.Fprintln(out)
	for i, line := range lines {
		var text strings.Builder
		for j, cell := range line {
			text.WriteString(cell + strings.Repeat(" ", widths[j]-utf8.RuneCountInString(cell)+2))
		}
		fmt.Fprintln(out, strings.TrimRight(text.String(), " "))
		if i == 0 || verdicts[i-1].verdict == right {
			continue
		}
		for _, shown := range strings.Split(verdicts[i-1].shown, "\n") {
			fmt.Fprintln(out, "    shown: "+shown)
		}
		if verdicts[i-1].cause != "" {
			fmt.Fprintln(out, "    cause: "+verdicts[i-1].cause)
		}
	}
	fmt.Fprintln(out)
}

// summary returns an error if a row is wrong without a known cause.
func summary(verdicts []verdict) error {
	correct, known := 0, 0
	for _, v := range verdicts {
		switch {
		case v.verdict == right:
			correct++
		case v.cause != "":
			known++
		}
	}
	wrong := len(verdicts) - correct - known
	fmt.Printf("natator: %d rows: %d right, %d wrong with a known cause, %d wrong\n", len(verdicts), correct, known, wrong)
	if wrong > 0 {
		return fmt.Errorf("%d rows are wrong without a known cause", wrong)
	}
	return nil
}
