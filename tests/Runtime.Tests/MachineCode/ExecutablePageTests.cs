using System.Globalization;
using Graph.Execution.MachineCode;
using Graph.Operators;
using Xunit;

namespace Graph.Tests.MachineCode;

public sealed class ExecutablePageTests
{
    [Fact]
    public unsafe void Code_runs_from_a_page_that_can_be_read_and_executed_and_not_written()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && System.Runtime.Intrinsics.X86.X86Base.X64.IsSupported, "The code is for x86-64 Linux.");
        var assembler = new Assembler();
        assembler.LoadAddress(Register.Rax, new(Register.Rdi) { Index = Register.Rsi, Scale = 2 });
        assembler.Return();
        var page = ExecutablePage.TryCreate(assembler.ToArray());
        Assert.SkipWhen(page == 0, "This system refuses executable memory.");
        Assert.Equal("r-xp", Rights(page));
        Assert.Equal(47, ((delegate* unmanaged<long, long, long>)page)(5, 21));
    }

    [Fact]
    public void The_tile_lies_in_such_a_page()
    {
        Assert.SkipUnless(Bfloat16Tile.IsSupported, Bfloat16Tile.WhyNot);
        Assert.Equal("r-xp", Rights(Bfloat16Tile.Start));
    }

    /// <summary>Fails where the tile silently falls back on a machine that has all it needs.</summary>
    [Fact]
    public void The_tile_is_used_where_the_processor_has_the_instruction()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The code is for Linux.");
        var flags = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal)) ?? "";
        Assert.Equal(flags.Contains(" avx512_bf16", StringComparison.Ordinal) && System.Runtime.Intrinsics.X86.Avx512F.IsSupported, Bfloat16Tile.IsSupported);
    }

    /// <summary>The rights of the mapping that holds the address, e.g. <c>r-xp</c>.</summary>
    private static string Rights(nint address) => File.ReadLines("/proc/self/maps").Select(line => line.Split(' ')).First(parts =>
    {
        var range = parts[0].Split('-').Select(text => nint.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToArray();
        return address >= range[0] && address < range[1];
    })[1];
}
