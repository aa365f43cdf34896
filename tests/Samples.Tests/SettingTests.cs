using System.Text.Json;
using Graph.Execution;
using Graph.Models;
using Xunit;

namespace Graph.Samples.Tests;

/// <summary>The layers of settings, and what a run says of itself before it starts.</summary>
public sealed class SettingTests
{
    [Fact]
    public void Flags_go_before_the_file_and_the_file_before_the_defaults()
    {
        using var tiny = new TinyRun("sudoku");
        var (file, run) = (tiny.Folder("settings.json"), tiny.Folder("run"));
        File.WriteAllText(file, $$"""{ "data": {{JsonSerializer.Serialize(tiny.Data)}}, "model": "trm", "batch": 4, "epochs": 1, "lr": 0.002 }""");
        CommandRun.Good("sudoku", "train", "--config", file, "--batch", "2", "--steps", "1", "--out", run);
        using var effective = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "config.json")));
        Assert.Equal(2, effective.RootElement.GetProperty("batch").GetInt32());
        Assert.Equal(0.002, effective.RootElement.GetProperty("lr").GetDouble());
        Assert.Equal(0, effective.RootElement.GetProperty("epochs").GetInt32());
        Assert.Equal(1, effective.RootElement.GetProperty("weight_decay").GetDouble());
        Assert.Equal("grid9", effective.RootElement.GetProperty("size").GetString());

        // The snapshot is a file that --config takes, and makes the same run.
        CommandRun.Good("sudoku", "train", "--config", Path.Combine(run, "config.json"), "--out", tiny.Folder("again"));
        Assert.Equal(File.ReadAllBytes(TinyRun.Checkpoint(run, 1)), File.ReadAllBytes(TinyRun.Checkpoint(tiny.Folder("again"), 1)));
    }

    [Fact]
    public void Dry_run_says_the_cost_and_writes_nothing()
    {
        using var tiny = new TinyRun("sudoku");
        var said = CommandRun.Good("sudoku", ["train", .. tiny.Settings, "--out", tiny.Folder("run"), "--dry-run"]);
        Assert.All(["parameters", "FLOPs a step", "FLOPs in total", "measured on trm grid9", "peak memory"], part => Assert.Contains(part, said, StringComparison.Ordinal));
        Assert.False(Directory.Exists(tiny.Folder("run")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Memory_that_does_not_suffice_is_refused_before_it_is_allocated(bool dry)
    {
        using var tiny = new TinyRun("arc");
        var run = CommandRun.Of("arc", ["train", .. tiny.SettingsOf(batch: 60_000), "--size", "arc", "--out", tiny.Folder("run"), .. dry ? (string[])["--dry-run"] : []]);
        Assert.Equal(2, run.ExitCode);
        Assert.Matches("^error: The run needs [0-9,]+ MB of memory at batch 60000, and [0-9,]+ MB are available on cpu: [^\n]+\n$", run.Error);
    }

    [Theory]
    [InlineData("trm", "grid6", false)]
    [InlineData("mamba2", "grid4", false)]
    [InlineData("trm-mlp", "grid9", false)]
    [InlineData("mamba2", "grid6", true)]
    public void Planned_bytes_are_those_that_a_program_allocates(string model, string size, bool bfloat16)
    {
        using var program = (CompiledProgram)ShippedModels.Create(model, size, batch: 3, device: Device.Cpu(threads: 2, bfloat16: bfloat16));
        using var planned = (CompiledProgram)ShippedModels.Create(model, size, batch: 3, device: new PlanDevice());
        Assert.Equal(program.Memory.Bytes, PlanBytes.OnCpu(planned.Table, threads: 2, bfloat16));
        Assert.Equal(program.ParameterCount, planned.ParameterCount);
        Assert.Throws<InvalidOperationException>(() => planned.Step(gradient: false));
    }

    [Fact]
    public void Names_of_a_checkpoint_lead_back_to_the_model()
    {
        Assert.All(ShippedModels.Names.SelectMany(model => ShippedModels.SizesOf(model).Select(size => (model, size))), names =>
        {
            using var planned = ShippedModels.Create(names.model, names.size, batch: 1, device: new PlanDevice());
            Assert.Equal(names, ShippedModels.Find(planned.Name, planned.Size));
        });
        Assert.Null(ShippedModels.Find("TrmAttention", "Tiny"));
    }
}
