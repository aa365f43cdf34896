using Xunit;
namespace Graph.Models.Tests;

/// <summary>Exact trainable parameter counts (trm.md 1.7).</summary>
public sealed class ParameterCountTests
{
    [Fact]
    public void Counts_are_those_of_the_papers()
    {
        using var trm = TrmAttention.Arc.Create(1);
        using var hrm = Hrm.Sudoku.Create(1);
        using var hybrid = Mamba2Attention.Arc.Create(1);
        using var sudoku = TrmMlpT.Sudoku.Create(1);
        using var mlp = TrmMlpT.Arc.Create(1);
        Assert.Equal(6_829_058, trm.ParameterCount);
        Assert.Equal(27_275_266, hrm.ParameterCount);
        Assert.Equal(6_860_386, hybrid.ParameterCount);
        Assert.Equal(5_028_866, sudoku.ParameterCount);
        Assert.Equal(18_801_666, mlp.ParameterCount);
    }
}
