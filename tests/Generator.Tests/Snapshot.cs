using System.Runtime.CompilerServices;
using System.Text;
using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;

namespace Graph.Generator.Tests;

/// <summary>
/// Text snapshots with Verify's file names: <c>X.verified.cs</c> is committed, <c>X.received.cs</c> is left on a mismatch.
/// A new snapshot fails like a changed one, so that none appears without having been read.
/// </summary>
internal static class Snapshot
{
    private static bool Accept => Environment.GetEnvironmentVariable("SNAPSHOT_ACCEPT") == "1";

    /// <summary>One folder per test, one file per emitted file, by its part of the hint; a verified file that is emitted no more is a difference too.</summary>
    public static void Verify(string test, IReadOnlyDictionary<string, string> files, [CallerFilePath] string file = "")
    {
        var folder = Path.Combine(Path.GetDirectoryName(file)!, "Snapshots", test);
        Directory.CreateDirectory(folder);
        var differences = new StringBuilder();
        foreach (var (name, text) in files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            differences.Append(Compare(folder, name, text.ReplaceLineEndings("\n")));
        }

        var stale = Directory.EnumerateFiles(folder, "*.verified.cs").Where(path => !files.ContainsKey(Path.GetFileName(path).Replace(".verified.cs", "", StringComparison.Ordinal)));
        foreach (var path in stale)
        {
            if (Accept)
            {
                File.Delete(path);
                continue;
            }

            differences.Append(path).Append(" is no longer emitted.\n");
        }

        Assert.True(differences.Length == 0, $"{differences}Accept with SNAPSHOT_ACCEPT=1 dotnet test, then read git diff.");
    }

    private static string Compare(string folder, string name, string actual)
    {
        var verified = Path.Combine(folder, name + ".verified.cs");
        var received = Path.Combine(folder, name + ".received.cs");
        var expected = File.Exists(verified) ? File.ReadAllText(verified).ReplaceLineEndings("\n") : null;
        if (actual == expected || Accept)
        {
            File.Delete(received);
            if (actual != expected)
            {
                File.WriteAllText(verified, actual);
            }

            return "";
        }

        File.WriteAllText(received, actual);
        return $"{received} {(expected is null ? "is new" : "differs")}:\n{Diff(expected ?? "", actual)}\n";
    }

    /// <summary>Changed lines with three lines around them.</summary>
    private static string Diff(string expected, string actual)
    {
        var lines = InlineDiffBuilder.Diff(expected, actual).Lines;
        var keep = new bool[lines.Count];
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Type != ChangeType.Unchanged)
            {
                Array.Fill(keep, true, Math.Max(0, i - 3), Math.Min(lines.Count - 1, i + 3) - Math.Max(0, i - 3) + 1);
            }
        }

        var text = new StringBuilder();
        for (var i = 0; i < lines.Count && text.Length < 4000; i++)
        {
            if (keep[i])
            {
                text.Append(lines[i].Type switch { ChangeType.Inserted => '+', ChangeType.Deleted => '-', _ => ' ' }).Append(' ').Append(lines[i].Text).Append('\n');
            }
            else if (i > 0 && keep[i - 1])
            {
                text.Append("  ...\n");
            }
        }

        return text.ToString();
    }
}
