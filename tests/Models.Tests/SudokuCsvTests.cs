using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

public sealed class SudokuCsvTests : IDisposable
{
    private const string WrongGiven = "x,1...34...4...321,1234341221434321,5";
    private readonly string path = Path.Combine(Path.GetTempPath(), $"graph-{Guid.NewGuid():N}.csv");

    public void Dispose() => File.Delete(path);

    [Fact]
    public void ColumnsAreFoundByName()
    {
        File.WriteAllText(path, "answer,rating,question\n1234341221434321,7,1...34...1...321\r\n\n");
        var puzzle = Assert.Single(SudokuCsv.Read(path, SudokuShape.Grid4));
        Assert.Equal(7, puzzle.Rating);
        Assert.Equal(new byte[] { 1, 0, 0, 0, 3, 4 }, puzzle.Question[..6]);
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, puzzle.Answer[..4]);
    }

    [Theory]
    [InlineData("", ":1: header, expected columns named question and answer, found an empty file")]
    [InlineData("source,puzzle\n", ":1: header, expected columns named question and answer, found 'source,puzzle'")]
    [InlineData("source,question,answer,rating\nx,1...,1234341221434321,5", ":2: question, expected 16 characters, found 4")]
    [InlineData("source,question,answer,rating\nx,1...", ":2: line, expected 4 fields as in the header, found 2")]
    [InlineData("source,question,answer,rating\nx,1...34...1...52.,1234341221434321,5", ":2: question, expected a digit 1 to 4 or . at character 14, found '5'")]
    [InlineData("source,question,answer,rating\nx,................,123434122143432.,5", ":2: answer, expected a digit 1 to 4 at character 16, found '.'")]
    [InlineData("source,question,answer,rating\nx,................,1234341221434322,5", ":2: answer, expected every digit once in each row, column and box")]
    [InlineData("source,question,answer,rating\nx,................,1234341221434321,hard", ":2: rating, expected a whole number, found 'hard'")]
    [InlineData("source,question,answer,rating\n" + WrongGiven, ":2: answer, expected the question's 4 in cell 9, found 1")]
    public void AMalformedLineIsNamed(string text, string message)
    {
        File.WriteAllText(path, text);
        var error = Assert.Throws<GraphException>(() => SudokuCsv.Read(path, SudokuShape.Grid4));
        Assert.Equal(path + message, error.Message);
    }

    [Fact]
    public void AMissingFileIsOneSentence()
    {
        var error = Assert.Throws<GraphException>(() => SudokuCsv.Read(path, SudokuShape.Grid4));
        Assert.StartsWith(path + ": cannot be read: ", error.Message, StringComparison.Ordinal);
    }
}
