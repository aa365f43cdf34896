using System.Text;
using Graph.Models.Puzzles;
using Xunit;

namespace Graph.Models.Tests;

public sealed class PuzzleDataSetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public PuzzleDataSetTests() => ArcBuilder.Build(BenchmarkData.ArcExcerpt(folder.Path));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ExamplesAreTheTasksGrids()
    {
        using var data = PuzzleDataSet.Open("test", folder.Path);
        var set = data.Sets[0];
        Assert.Equal((5, 20, 24), (set.Groups, set.Puzzles, set.Examples));
        var tasks = ArcTaskFile.Open(folder.File(ArcBuilder.TestPuzzlesFileName)).ToDictionary(task => task.Name);
        Assert.Equal(5, tasks.Count);
        var (tokens, labels) = (new int[900], new int[900]);
        for (var example = 0; example < set.Examples; example++)
        {
            set.Read(example, tokens, labels);
            var puzzle = set.PuzzleOf(example);
            var form = ArcAugmentation.Parse(data.Identifiers[set.PuzzleIdentifiers[puzzle]]);
            var pair = tasks[form.Task].Test[example - set.PuzzleIndices[puzzle]];
            Assert.Equal(pair.Input, form.Inverse(ArcEncoding.Crop(tokens)));
            Assert.Equal(pair.Output, form.Inverse(ArcEncoding.Crop(labels)));
            Assert.DoesNotContain(0, labels);
        }
    }

    [Fact]
    public void MetadataSurviveARoundTrip()
    {
        var path = folder.File("train/dataset.json");
        var metadata = DataSetMetadata.Open(path);
        Assert.Equal((12, 900, 53, 13, 4.0, 52), (metadata.VocabSize, metadata.SeqLen, metadata.NumPuzzleIdentifiers, metadata.TotalGroups, metadata.MeanPuzzleExamples, metadata.TotalPuzzles));
        Assert.Equal(File.ReadAllText(path), metadata.ToJson());
        Assert.Equal(325, metadata.TotalSteps(epochs: 100, globalBatch: 16));
    }

    [Theory]
    [InlineData("{", "content, expected valid JSON: ")]
    [InlineData("""{"vocab_size": "x"}""", "vocab_size, expected a whole number of 32 bits, found 'x'")]
    [InlineData("""{"vocab_size": 1, "vocab_size": 1}""", "vocab_size, expected one value, found two")]
    [InlineData("""{"vocab_size": 0}""", "vocab_size, expected a whole number 1 to 1048576, found 0")]
    [InlineData("""{"vocab_size": 12, "num_puzzle_identifiers": 1, "pad_id": 12}""", "pad_id, expected a whole number 0 to 11, found 12")]
    [InlineData("""{"vocab_size": 12, "num_puzzle_identifiers": 1, "pad_id": 0}""", "ignore_label_id, expected a whole number or null, found nothing")]
    [InlineData("""{"sets": ["../all"]}""", "sets, expected different names of letters, digits, _ and -, found '../all'")]
    [InlineData("""{"mean_puzzle_examples": 1e999}""", "mean_puzzle_examples, expected one number of 0 or more, found '1e999'")]
    public void AMalformedFieldIsNamed(string json, string message) => Assert.StartsWith(
        "d.json: " + message,
        Assert.Throws<GraphException>(() => DataSetMetadata.Parse("d.json", Encoding.UTF8.GetBytes(json))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void FilesThatDoNotFitTogetherAreNamed()
    {
        Breaks("train/all__puzzle_indices.npy", path => NpyWriter.Save(path, [0, 3, 2]), "content, expected rising offsets, found 2 after 3 at element 2");
        Breaks("train/all__group_indices.npy", path => NpyWriter.Save(path, [0, 4, 51]), "content, expected 52 puzzles as last element, found 51");
        Breaks("train/all__group_indices.npy", path => NpyWriter.Save(path, [0, 4, 52]), "total_groups, expected 2 as in the sets, found 13", "train/dataset.json");
        Breaks("train/all__puzzle_identifiers.npy", path => NpyWriter.Save(path, [1, 2]), "content, expected 52 elements, one fewer than ");
        Breaks("train/all__puzzle_identifiers.npy", path => NpyWriter.Save(path, [.. Enumerable.Range(2, 52)]), "content, expected identifiers 0 to 52, found 53 at element 51");
        Breaks("train/all__inputs.npy", path => NpyWriter.Save(path, [1, 2]), "content, expected shape (208, 900), found (2)");
        Breaks("train/all__labels.npy", path => File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]), "data, expected 187200 bytes for |u1 of shape (208, 900), found 187199");
        Breaks("train/all__labels.npy", File.Delete, "cannot be read: ");
        Breaks("identifiers.json", path => IdentifierList.Save(path, ["<blank>"]), "content, expected 53 names as num_puzzle_identifiers says, found 1");
        using var data = PuzzleDataSet.Open("train", folder.Path);
    }

    [Fact]
    public void ANumberThatIsNoTokenIsNamed()
    {
        var path = folder.File("train/all__inputs.npy");
        var bytes = File.ReadAllBytes(path);
        bytes[128 + 900 + 7] = 12;
        File.WriteAllBytes(path, bytes);
        using var data = PuzzleDataSet.Open("train", folder.Path);
        var error = Assert.Throws<GraphException>(() => data.Sets[0].Read(1, new int[900], new int[900]));
        Assert.Equal($"{path}: example 1, cell 7, expected a token 0 to 11, found 12", error.Message);
    }

    [Fact]
    public void SeveralPathsMustDescribeTheSameTokens()
    {
        using var other = new TemporaryFolder();
        SudokuBuilder.Build(BenchmarkData.SudokuExcerpt(other.Path));
        var error = Assert.Throws<GraphException>(() => PuzzleDataSet.Open("train", other.Path, folder.Path));
        Assert.Equal($"{folder.File("train/dataset.json")}: vocab_size, expected 11 as in the first path, found 12", error.Message);
    }

    [Fact]
    public void ASecondDataSetMayContinueTheIdentifiers()
    {
        using var other = new TemporaryFolder();
        ArcBuilder.Build(BenchmarkData.ArcExcerpt(other.Path) with { Subsets = ["concept", "evaluation"], Seed = 9, FirstIdentifier = 53 });
        using var data = PuzzleDataSet.Open("train", folder.Path, other.Path);
        Assert.Equal(53 + 32, data.Identifiers.Count);
        Assert.Equal("6150a2bd", data.Identifiers[1]);
        Assert.DoesNotContain(IdentifierList.Blank, data.Identifiers.Skip(1));
    }

    [Theory]
    [InlineData("question,answer\nSG ,SG ", ":2: question, expected a square of 1 to 256 rows, found 3 characters")]
    [InlineData("question,answer\nSG  ,SG ", ":2: answer, expected 4 characters, found 3")]
    [InlineData("question,answer\nSGx ,SGx ", ":2: question, expected one of '# SGo' at character 3, found 'x'")]
    [InlineData("question,answer\nSS  ,SS  ", ":2: question, expected one S, one G and no o")]
    [InlineData("question,answer\nSG# ,SGo ", ":2: answer, expected the question with o on open cells, found 'o' for '#' at character 3")]
    public void AMalformedMazeIsNamed(string text, string message) => Assert.Equal(
        "a.csv" + message,
        Assert.Throws<GraphException>(() => MazeCsv.Parse("a.csv", Encoding.UTF8.GetBytes(text))).Message);

    /// <summary>Replaces a file, sees the complaint and puts the file back.</summary>
    private void Breaks(string name, Action<string> replace, string message, string? blamed = null)
    {
        var path = folder.File(name);
        var valid = File.ReadAllBytes(path);
        replace(path);
        var error = Assert.Throws<GraphException>(() => PuzzleDataSet.Open("train", folder.Path));
        Assert.StartsWith($"{folder.File(blamed ?? name)}: {message}", error.Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, valid);
    }
}
