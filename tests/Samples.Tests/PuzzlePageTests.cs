using System.Xml.Linq;
using Graph.Models.Tests;
using Graph.Samples.Arc;
using Graph.Samples.Commands;
using Graph.Samples.Sudoku;
using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Samples.Tests;

/// <summary>The page of pictures says what was predicted, and where that is wrong.</summary>
public sealed class PuzzlePageTests
{
    private const string Wrong = "#d62728";

    [Fact]
    public void Wrong_cells_are_outlined_and_digits_that_were_not_given_are_coloured()
    {
        using var folder = new TemporaryFolder();
        int[] answer = [.. "1234341221434321".Select(digit => digit - '0' + 1)];
        int[] question = [.. answer];
        (question[3], question[7], question[12]) = (SudokuTokens.Blank, SudokuTokens.Blank, SudokuTokens.Blank);
        int[] predicted = [.. answer];
        (predicted[3], predicted[7]) = (predicted[7], predicted[3]);
        var page = new PuzzlePage(new SudokuLook(SudokuShape.Of(4)), 1);
        page.Add(0, "<a & b>", question, answer, predicted, 0.25);
        page.Write(folder.Path);
        var svg = XDocument.Load(folder.File(PuzzlePage.FileName));
        Assert.Equal(2, Parts(svg, "rect").Count(rect => (string?)rect.Attribute("stroke") == Wrong));
        Assert.Contains(Parts(svg, "text"), text => text.Value == "example 1, <a & b>: 14 of 16 cells right, halt probability 0.25");

        // 13 digits are given; the prediction and the answer have three more each.
        var digits = Parts(svg, "text").Where(text => text.Value.Length == 1).ToList();
        Assert.Equal(13 + 16 + 16, digits.Count);
        Assert.Equal(6, digits.Count(text => (string?)text.Attribute("fill") != "#222"));
    }

    [Fact]
    public void Cells_without_a_label_are_neither_drawn_nor_wrong()
    {
        using var folder = new TemporaryFolder();
        var tokens = new byte[ArcEncoding.Length];
        ArcEncoding.Encode(new ArcGrid(2, 3, [1, 2, 3, 4, 5, 6]), 0, 0, tokens);
        int[] question = [.. tokens.Select(token => (int)token)];
        int[] answer = [.. question.Select(token => token == ArcEncoding.Pad ? PuzzleSet.IgnoredLabel : token)];
        var predicted = Enumerable.Repeat(ArcEncoding.FirstColour + 1, ArcEncoding.Length).ToArray();
        var page = new PuzzlePage(new ArcLook(), 1);
        page.Add(0, "task", question, answer, predicted, 1);
        page.Write(folder.Path);
        var svg = XDocument.Load(folder.File(PuzzlePage.FileName));

        // Six cells and five ends; the first cell is right.
        Assert.Contains(Parts(svg, "text"), text => text.Value.StartsWith("example 1, task: 1 of 11 cells right", StringComparison.Ordinal));
        Assert.Equal(10, Parts(svg, "rect").Count(rect => (string?)rect.Attribute("stroke") == Wrong));
        Assert.Equal(3, Parts(svg, "g").Count());
    }

    [Fact]
    public void Examples_on_the_page_lie_evenly_among_all()
    {
        using var folder = new TemporaryFolder();
        var page = new PuzzlePage(new SudokuLook(SudokuShape.Of(4)), 100);
        var cells = Enumerable.Repeat(SudokuTokens.Blank, 16).ToArray();
        for (var example = 0; example < 100; example++)
        {
            page.Add(example, IdentifierList.Blank, cells, cells, cells, 0);
        }

        page.Write(folder.Path);
        var captions = Parts(XDocument.Load(folder.File(PuzzlePage.FileName)), "text").Select(text => text.Value).Where(text => text.StartsWith("example", StringComparison.Ordinal));
        Assert.Equal([1, 13, 25, 37, 49, 61, 73, 85], captions.Select(caption => int.Parse(caption[8..caption.IndexOf(':')])));
    }

    private static IEnumerable<XElement> Parts(XDocument svg, string name) => svg.Descendants().Where(part => part.Name.LocalName == name);
}
