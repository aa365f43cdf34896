using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>A file as the PyTorch reference names it (compiled, inside its loss head) starts a run, also with a table of another size.</summary>
public sealed class WarmStartTests : IDisposable
{
    private readonly string path = Path.Combine(Path.GetTempPath(), $"graph-{Guid.NewGuid():N}.safetensors");

    public void Dispose() => File.Delete(path);

    [Theory]
    [InlineData("_orig_mod.model.", 0)]
    [InlineData("model.", 7)]
    [InlineData("module._orig_mod.model.", 0)]
    [InlineData("", 2)]
    public void Reference_names_load(string prefix, int moreRows)
    {
        using var golden = new GoldenRun("trm-step", TrmAttention.Tiny.Create(3, 1));
        var file = golden.File;
        var writer = new SafetensorsWriter();
        foreach (var entry in file.Tensors.Values.Where(t => t.Name.StartsWith("inner.", StringComparison.Ordinal)))
        {
            writer.Add(prefix + entry.Name, [.. entry.Shape], (ReadOnlyMemory<float>)file.Floats(entry.Name));
        }

        writer.Save(path);
        var stored = golden.Trainer.Puzzles!;
        using var model = TrmAttention.Tiny.Create(3, 1);
        Initializer.Fill(model, 1);
        var trainer = new Trainer(model, golden.Trainer.Options with { PuzzleIdentifiers = stored.Count + moreRows });
        Checkpoint.WarmStart(trainer, path);
        Assert.Equal(golden.Model.Weights.ToArray(), model.Weights.ToArray());
        Assert.Equal(model.Weights.ToArray(), trainer.Ema!.Shadow.ToArray());
        Assert.Equal(golden.Model.States[0].InitRow, model.States[0].InitRow);
        if (moreRows == 0)
        {
            Assert.Equal(stored.Rows.ToArray(), trainer.Puzzles!.Rows.ToArray());
        }
        else
        {
            for (var i = 0; i < trainer.Puzzles!.Rows.Length; i++)
            {
                var column = i % stored.Width;
                Assert.Equal(Enumerable.Range(0, stored.Count).Average(row => stored.Rows[row * stored.Width + column]), trainer.Puzzles.Rows[i], 1e-6);
            }
        }
    }
}
