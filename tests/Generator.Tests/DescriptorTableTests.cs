using System.Text.RegularExpressions;
using Graph.Generator.Diagnostics;

namespace Graph.Generator.Tests;

/// <summary>A diagnostic is a row in the table, a section of the README and at least one test; none without the others.</summary>
public sealed partial class DescriptorTableTests
{
    private static IEnumerable<string> Ids => Descriptors.All.Select(d => d.Id).Order(StringComparer.Ordinal);

    [Fact]
    public void Readme_has_a_section_for_each_and_no_other()
    {
        var text = Repository.Read("Generator/Diagnostics/README.md");
        var sections = Section().Split(text).Skip(1).Chunk(2).ToDictionary(s => s[0], s => s[1]);
        Assert.Equal(Ids, sections.Keys.Order(StringComparer.Ordinal));
        foreach (var (id, body) in sections)
        {
            Assert.True(body.Contains("```csharp", StringComparison.Ordinal) && body.Contains("Fix:", StringComparison.Ordinal), $"{id} has no example or no fix");
        }
    }

    [Fact]
    public void Help_links_lead_to_the_section() =>
        Assert.All(Descriptors.All, d => Assert.Equal("Generator/Diagnostics/README.md#" + d.Id.ToLowerInvariant(), d.HelpLinkUri));

    [Fact]
    public void Each_is_provoked_by_a_test()
    {
        // GRAPH099 is for bugs of ours: CompilerFailureTests makes one.
        var tested = DiagnosticTests.Cases.Select(c => c.Data.Item1).Append("GRAPH099").Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(Ids, tested);
    }

    [GeneratedRegex("^## (GRAPH[0-9]{3})", RegexOptions.Multiline)]
    private static partial Regex Section();
}
